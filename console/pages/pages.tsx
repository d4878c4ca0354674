import { Route, Router, Switch } from 'wouter';
import { IssuedKeys } from '../keys/issued-keys.tsx';
import { useHashPath, useHashSearch } from '../layout/hash-location.ts';
import { CreatePage } from './create-page.tsx';
import { EditPage } from './edit-page.tsx';
import { KeyPage } from './key-page.tsx';
import { ListPage } from './list-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { OwnersPage } from './owners-page.tsx';
import { SettingsPage } from './settings-page.tsx';
import { VerifyPage } from './verify-page.tsx';

/** The pages by address. Addresses are in the URL's fragment, so the server doesn't learn which key the user looks at. */
export function Pages() {
  return (
    <Router hook={useHashPath} searchHook={useHashSearch}>
      <IssuedKeys>
        <Switch>
          <Route path="/" component={ListPage} />
          <Route path="/overview" component={OverviewPage} />
          <Route path="/create" component={CreatePage} />
          <Route path="/keys/:prefix">{({ prefix }) => <KeyPage key={prefix} prefix={prefix} />}</Route>
          <Route path="/keys/:prefix/edit">{({ prefix }) => <EditPage key={prefix} prefix={prefix} />}</Route>
          <Route path="/owners" component={OwnersPage} />
          <Route path="/verify" component={VerifyPage} />
          <Route path="/settings" component={SettingsPage} />
          <Route component={NotFoundPage} />
        </Switch>
      </IssuedKeys>
    </Router>
  );
}
