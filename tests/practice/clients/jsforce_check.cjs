// Drives jsforce against a practice org: node jsforce_check.cjs MODULES '{"url", "token", "username", "password"}'
// Prints one JSON object of what the client itself reports; certificates come from NODE_EXTRA_CA_CERTS.
const { createRequire } = require("node:module");
const path = require("node:path");

const [, , modules, settings] = process.argv;
const { Connection } = createRequire(path.join(modules, "x.js"))("jsforce");
const { url, token, username, password } = JSON.parse(settings);

async function load(conn, operation, options, records) {
  const results = await conn.bulk2.loadAndWaitForResults({
    object: "Account",
    operation,
    ...options,
    input: records,
  });
  return {
    succeeded: results.successfulResults.length,
    failed: results.failedResults.map((row) => row.sf__Error),
    unprocessed: results.unprocessedRecords.length,
    created: results.successfulResults.filter((row) => row.sf__Created === "true").length,
    ids: results.successfulResults.map((row) => row.sf__Id),
  };
}

async function main() {
  const conn = new Connection({ instanceUrl: url, accessToken: token, version: "62.0" });
  conn.bulk2.pollInterval = 50;
  conn.bulk2.pollTimeout = 60000;
  const answer = {};

  const described = await conn.sobject("Account").describe();
  answer.describe = described.fields.find((field) => field.name === "ERP_Id__c").externalId;

  const rows = Array.from({ length: 60 }, (_, n) => ({ Name: `JS "${n}", größer`, ERP_Id__c: `JS-${n}` }));
  answer.insert = await load(conn, "insert", {}, rows);

  const changed = rows.slice(30).concat(
    Array.from({ length: 20 }, (_, n) => ({ Name: `New ${n}`, ERP_Id__c: `JSN-${n}` })),
    [{ Name: "x".repeat(300), ERP_Id__c: "JS-long" }],
  );
  answer.upsert = await load(conn, "upsert", { externalIdFieldName: "ERP_Id__c" }, changed);

  const found = await conn.query("SELECT Id, Name, Owner.Username FROM Account WHERE ERP_Id__c LIKE 'JS-%' ORDER BY ERP_Id__c");
  answer.query = { total: found.totalSize, first: found.records[0].Name, owner: found.records[0].Owner.Username };

  const stream = await conn.bulk2.query("SELECT Id, Name FROM Account WHERE ERP_Id__c LIKE 'JSN-%'");
  answer.bulkQuery = (await stream.toArray()).map((row) => row.Name).sort();

  conn.bulk.pollInterval = 50;
  conn.bulk.pollTimeout = 60000;
  const classic = await conn.bulk.load("Contact", "insert", [
    { LastName: "Classic", FirstName: "A" },
    { FirstName: "nobody" },
  ]);
  answer.classic = classic.map((one) => (one.success ? "ok" : one.errors[0].split(":")[0]));

  const made = await conn.sobject("Contact").create([{ LastName: "One" }, { FirstName: "nobody" }]);
  answer.collection = made.map((one) => (one.success ? "ok" : one.errors[0].statusCode));

  const one = await conn.sobject("Account").upsert({ Name: "By key", ERP_Id__c: "JS-0" }, "ERP_Id__c");
  answer.singleUpsert = { success: one.success, created: one.created };

  const soap = new Connection({ loginUrl: url, version: "62.0" });
  const user = await soap.login(username, password);
  answer.soap = { organization: user.organizationId.slice(0, 3), identity: (await soap.identity()).username };
  await soap.logout().catch(() => {});
  process.stdout.write(JSON.stringify(answer));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
