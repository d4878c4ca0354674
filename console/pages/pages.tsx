import { useState } from 'react';
import { Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { IssuedKeys } from '../keys/issued-keys.tsx';
import { CreatePage } from './create-page.tsx';
import { EditPage } from './edit-page.tsx';
import { KeyPage } from './key-page.tsx';
import { FIRST_PAGE, ListPage } from './list-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';

/** The pages by their address. It is in the fragment: the console is static files, and no server sees which key is looked at. */
export function Pages() {
  // Kept here, so that whoever comes back from a key finds the list as it was.
  const [place, setPlace] = useState(FIRST_PAGE);
  return (
    <Router hook={useHashLocation}>
      <IssuedKeys>
        <Switch>
          <Route path="/">
            <ListPage place={place} onMove={setPlace} />
          </Route>
          <Route path="/create">
            <CreatePage />
          </Route>
          <Route path="/keys/:prefix">{({ prefix }) => <KeyPage key={prefix} prefix={prefix} />}</Route>
          <Route path="/keys/:prefix/edit">{({ prefix }) => <EditPage key={prefix} prefix={prefix} />}</Route>
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </IssuedKeys>
    </Router>
  );
}
