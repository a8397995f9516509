// The same move by jsforce, with the joined result file a person needs at the end:
// node move_peer.cjs MODULES URL TOKEN FILE ACTION OUT    (ACTION: insert, upsert, export)
const { createRequire } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");
const { pipeline } = require("node:stream/promises");

const [, , modules, url, token, file, action, out] = process.argv;
const from = createRequire(path.join(modules, "x.js"));
const { Connection } = from("jsforce");
const { parse } = createRequire(from.resolve("jsforce"))("csv-parse/sync");

const quoted = (values) => values.map((value) => `"${String(value).replaceAll('"', '""')}"`).join(",") + "\n";

async function main() {
  const conn = new Connection({ instanceUrl: url, accessToken: token, version: "62.0" });
  conn.bulk2.pollInterval = 50;
  conn.bulk2.pollTimeout = 3600000;
  if (action === "export") {
    const records = await conn.bulk2.query(file);
    await pipeline(records.stream("csv"), fs.createWriteStream(out));
    return;
  }
  const extra = action === "upsert" ? { externalIdFieldName: "ERP_Id__c" } : {};
  const job = conn.bulk2.createJob({ object: "Account", operation: action, ...extra });
  await job.open();
  await job.uploadData(fs.createReadStream(file));
  await job.close();
  await job.poll(50, 3600000);
  const results = await job.getAllResults();

  const rows = new Map();
  const [header, ...source] = parse(fs.readFileSync(file));
  source.forEach((row, at) => {
    const key = JSON.stringify(row);
    rows.has(key) ? rows.get(key).push(at + 1) : rows.set(key, [at + 1]);
  });
  const target = fs.createWriteStream(out);
  for (const found of [results.successfulResults, results.failedResults, results.unprocessedRecords]) {
    for (const answer of found) {
      const values = header.map((name) => answer[name]);
      const number = rows.get(JSON.stringify(values)).pop();
      target.write(quoted([number, answer.sf__Id ?? "", answer.sf__Error ?? answer.sf__Created ?? "", ...values]));
    }
  }
  await new Promise((done) => target.end(done));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
