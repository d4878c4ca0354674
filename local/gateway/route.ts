/** A route of a REST API, and the function behind it. */
export interface Route {
  /** `ANY` for every method. */
  readonly method: string;
  /** `{name}` matches one path segment, `{name+}` the rest of the path. */
  readonly path: string;
  readonly functionName: string;
}

/** A route, and the decoded values of its path parameters. */
export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The methods that `ANY` matches. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Returns the first route that matches a method and a path as it was sent. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  for (const route of routes) {
    if (route.method === 'ANY' ? !METHODS.includes(method) : route.method !== method) continue;
    const match = pattern(route.path).exec(path);
    if (match === null) continue;
    const parameters = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { route, parameters: Object.fromEntries(parameters) as Record<string, string> };
  }
  return undefined;
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\+\}/g, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
