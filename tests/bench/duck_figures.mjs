// The query of bench_figures in DuckDB over the same rows. usage: node duck_figures.mjs --there | ACTS.csv
// @duckdb/node-api is looked for in the folder that FZ_DUCKDB names, else in the working directory.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const require = createRequire(join(resolve(process.env.FZ_DUCKDB ?? '.'), 'x.js'));
const { DuckDBInstance } = require('@duckdb/node-api');
const csv = process.argv[2];
if (csv !== '--there') {
  const c = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const types = "{'jurisdiction':'VARCHAR','seq':'BIGINT','type':'VARCHAR','day':'BIGINT','organ':'VARCHAR','counted':'VARCHAR','dims':'VARCHAR'}";
  let from = performance.now();
  await c.run(`CREATE TABLE act AS SELECT * FROM read_csv('${csv}', header=false, delim='|', quote='', columns=${types})`);
  const loaded = performance.now() - from;
  const ask = `SELECT counted, dims, count(*) FROM act WHERE jurisdiction = '330106' AND type = 'ticket' AND counted IS NOT NULL AND day BETWEEN 0 AND 99999 GROUP BY counted, dims`;
  const times = [];
  let groups = 0;
  for (let i = 0; i < 5; i++) {
    from = performance.now();
    groups = (await (await c.run(ask)).getRows()).length;
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  console.log(`  DuckDB, 2 threads, in memory: ${times[2].toFixed(0)} ms, ${groups} groups (loaded in ${loaded.toFixed(0)} ms)`);
}
