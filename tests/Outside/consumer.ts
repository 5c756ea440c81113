// What a developer elsewhere would write against the types that openapi-typescript makes of the contract.
import createClient from 'openapi-fetch';
import type { paths, components } from './generated/contract.js';

declare const process: { argv: string[] };

type AnchorSite = components['schemas']['AnchorSite'];
type AnchorSitePage = components['schemas']['AnchorSitePage'];

// Joined by commas in the contract (explode: false), which the types cannot tell the library.
const joined = new Set(['facets', 'fields', 'sort', 'sites', 'bbox', 'near']);

// Of the formats an operation offers, these are the ones this program wants its types for.
const client = createClient<paths, 'application/json' | 'application/problem+json'>({
  baseUrl: process.argv[2]!,
  querySerializer: (query) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      const values = [value].flat();
      for (const text of joined.has(name) ? [values.join(',')] : values) search.append(name, String(text));
    }
    return search.toString();
  },
});

// A list with filters and facets.
const filtered = await client.GET('/v1/anchor-sites', {
  params: { query: { state: ['DE-TH', 'DE-SN'], status: ['operating'], facets: ['state', 'goals'], sort: ['-name'] } },
});
if (!filtered.data) throw new Error(JSON.stringify(filtered.error));
const states: Record<string, number> = {};
for (const { code, count } of filtered.data.facets?.['state'] ?? []) states[code] = count;

// One item, whose optional members the compiler makes us check.
const one = await client.GET('/v1/anchor-sites/{id}', { params: { path: { id: 'probierladen-jena' } } });
if (!one.data) throw new Error(JSON.stringify(one.error));
const latitude: number | undefined = one.data.location?.latitude;

// The whole list, page by page.
const all: AnchorSite[] = [];
let pages = 0;
for (let next: string | null = ''; next !== null; pages++) {
  const { items, page } = await listPage(new URLSearchParams(next).get('cursor'));
  all.push(...items);
  next = page.next && new URL(page.next).search;
}

// A slip: the compiler refuses it and, when it is forced through, the service explains it.
// @ts-expect-error: the parameter is called `goals`
const slip = await client.GET('/v1/anchor-sites', { params: { query: { goal: ['participation'] } } });
if (!slip.error) throw new Error('a slip went through');

console.log(JSON.stringify({
  filtered: filtered.data.items.map((site) => site.state),
  total: filtered.data.page.total,
  states,
  name: one.data.name,
  latitude,
  pages,
  walked: all.length,
  distinct: new Set(all.map((site) => site.id)).size,
  status: slip.response.status,
  suggestion: slip.error.errors?.[0]?.suggestion,
}));

async function listPage(cursor: string | null): Promise<AnchorSitePage> {
  const { data, error } = await client.GET('/v1/anchor-sites', { params: { query: { limit: 25, ...(cursor && { cursor }) } } });
  if (!data) throw new Error(JSON.stringify(error));
  return data;
}
