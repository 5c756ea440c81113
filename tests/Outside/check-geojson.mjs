// node check-geojson.mjs FILE: throws what is wrong with it, else prints how many features it holds.
import { readFileSync } from 'node:fs';
import { check } from '@placemarkio/check-geojson';

const { features } = check(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify({ features: features.length }));
