import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { KeyUsage } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { ProblemBox } from '../layout/problem-box.tsx';
import { TimeFromNow } from './time.tsx';
import { byDay, byRoute, firstOf, USAGE_SPANS } from './usage-sums.ts';

/** Shows the usage of a key by day, as a chart, and by route, as a table. */
export function KeyUsagePanel({ prefix }: { readonly prefix: string }) {
  const { keys } = useConsole();
  const [days, setDays] = useState<number>(USAGE_SPANS[1]);
  const { data, error, refetch } = useQuery({
    queryKey: ['keys', 'usage', prefix, days],
    queryFn: () => keys.usage(prefix, firstOf(days, Date.now())),
    placeholderData: keepPreviousData,
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Days are in UTC. Requests appear a few minutes after they were made."
          actions={
            <SegmentedControl
              label="Time range"
              selectedId={String(days)}
              options={USAGE_SPANS.map((span) => ({ id: String(span), text: `${String(span)} days` }))}
              onChange={({ detail }) => {
                setDays(Number(detail.selectedId));
              }}
            />
          }
        >
          Usage
        </Header>
      }
    >
      {error !== null && <ProblemBox error={error} attempt="Couldn’t load usage" onRetry={() => void refetch()} />}
      {error === null && data === undefined && (
        <Box textAlign="center">
          <span role="status">
            <Spinner /> Loading usage
          </span>
        </Box>
      )}
      {error === null && data?.requests === 0 && (
        <Box textAlign="center" padding={{ vertical: 'l' }}>
          <Box variant="strong">No requests</Box>
          <Box color="text-body-secondary">
            No requests between {data.from} and {data.to}.
          </Box>
        </Box>
      )}
      {error === null && data !== undefined && data.requests > 0 && <Usage usage={data} />}
    </Container>
  );
}

function Usage({ usage }: { readonly usage: KeyUsage }) {
  const days = byDay(usage);
  const count = (value: number) => value.toLocaleString('en');
  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Requests', value: count(usage.requests) },
          { label: 'Errors', value: count(usage.errors) },
          { label: 'Throttled', value: count(usage.throttled) },
          { label: 'Average latency', value: `${count(usage.averageLatencyMs ?? 0)} ms` },
        ]}
      />
      <BarChart
        ariaLabel={`Requests by day from ${usage.from} to ${usage.to}`}
        height={220}
        stackedBars
        hideFilter
        xScaleType="categorical"
        xDomain={days.map(({ day }) => day)}
        xTitle="Day"
        yTitle="Requests"
        i18nStrings={{ xTickFormatter: dayInShort, yTickFormatter: count }}
        series={[
          { title: 'Successful', type: 'bar', data: days.map(({ day, successful }) => ({ x: day, y: successful })) },
          {
            title: 'Errors',
            type: 'bar',
            color: COLORS.errors,
            data: days.map(({ day, errors }) => ({ x: day, y: errors })),
          },
          {
            title: 'Throttled',
            type: 'bar',
            color: COLORS.throttled,
            data: days.map(({ day, throttled }) => ({ x: day, y: throttled })),
          },
        ]}
        empty="No requests"
      />
      <Table
        variant="embedded"
        items={byRoute(usage)}
        trackBy="route"
        ariaLabels={{ tableLabel: 'Usage by route' }}
        enableKeyboardNavigation
        header={<Header variant="h3">By route</Header>}
        columnDefinitions={[
          { id: 'route', header: 'Route', cell: ({ route }) => <code>{route}</code>, isRowHeader: true },
          { id: 'requests', header: 'Requests', cell: ({ requests }) => count(requests) },
          { id: 'errors', header: 'Errors', cell: ({ errors }) => count(errors) },
          { id: 'throttled', header: 'Throttled', cell: ({ throttled }) => count(throttled) },
          {
            id: 'lastUsed',
            header: 'Last used',
            cell: ({ lastUsedAt }) => <TimeFromNow at={lastUsedAt} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

/** Red and orange that are readable on light and dark backgrounds. */
const COLORS = { errors: '#d63f38', throttled: '#e59000' } as const;

const SHORT_DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

function dayInShort(day: string): string {
  return SHORT_DAY.format(new Date(`${day}T00:00:00Z`));
}
