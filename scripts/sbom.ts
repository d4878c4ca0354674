import { readFileSync, writeFileSync } from 'node:fs';
import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { bundledPackages } from './bundled-packages.ts';

/**
 * Writes `dist/sbom.cdx.json`, a CycloneDX 1.6 bill of materials of the published package. The package has no dependencies,
 * so `npm sbom` would list nothing. This one lists the packages that are bundled, and where.
 */
const OUT = 'dist/sbom.cdx.json';

/** No license is an SPDX expression. One that is would be written by its name. */
const noExpression = () => {
  throw new RangeError('not an expression');
};
const components = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  new Contrib.License.Factories.LicenseFactory(noExpression),
);
type Manifest = Parameters<typeof components.makeComponent>[0];

function component(manifest: Manifest, type: Enums.ComponentType): Models.Component {
  const made = components.makeComponent(manifest, type);
  if (made === undefined) throw new Error(`couldn't create a component for ${String(manifest.name)}`);
  const { group, name, version } = made;
  const scope = group ? `${encodeURIComponent(group)}/` : '';
  made.purl = `pkg:npm/${scope}${name}@${String(version)}`;
  made.bomRef.value = made.purl;
  return made;
}

const own = component(JSON.parse(readFileSync('package.json', 'utf8')) as Manifest, Enums.ComponentType.Library);
const bom = new Models.Bom();
bom.metadata.component = own;
for (const { manifest, in: places } of await bundledPackages()) {
  const part = component(manifest, Enums.ComponentType.Library);
  for (const place of places) part.properties.add(new Models.Property('latchkey:bundledIn', place));
  bom.components.add(part);
  own.dependencies.add(part.bomRef);
}

const version = Spec.Version.v1dot6;
const text = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)).serialize(bom, {
  sortLists: true,
  space: 2,
});
const fault: unknown = await new Validation.JsonStrictValidator(version).validate(text);
if (fault !== null) throw new Error(`the bill of materials is not valid: ${JSON.stringify(fault)}`);
writeFileSync(OUT, text);
console.log(`${OUT}: ${String(bom.components.size)} packages`);
