// The npm package jitterbit-script as a process: a line of JSON in, a line of JSON out.
//
// {"run": [[text, variables], …]}              → {"results": [{value, vars} | {error}, …]}
// {"time": text, "rows": [prelude, …], "warm": n, "turns": n, "rounds": n}
//     → {"ns": the best round's time an evaluation; parsed once, on scopes prepared by the preludes}
// {"mend": true}                               → puts right the faults of the package that the semantics name
'use strict';
const path = require('path');
const readline = require('readline');

const root = path.join(process.argv[2], 'node_modules', 'jitterbit-script');
const { Parser, Scope, evaluate, Api } = require(root);
const types = require(path.join(root, 'build', 'runtime', 'types'));
const ast = require(path.join(root, 'build', 'frontend', 'ast'));
const wrapped = (text) => `<trans>\n${text}\n</trans>`;

// The package reports what it swallows, and bodies of loops fail unheard.
console.error = () => {};
console.warn = () => {};
console.log = () => {};
process.on('unhandledRejection', () => {});

function shown(value, depth = 0) {
  if (value === null || value === undefined || depth > 60) return null;
  switch (value.type) {
    case 'null': return null;
    case 'bool': case 'string': return value.value;
    case 'number':
      return Number.isFinite(value.value) ? value.value : { $number: String(value.value) };
    case 'array': return value.members.map((member) => shown(member, depth + 1));
    case 'dictionary':
      return { $dict: [...value.members].map(([key, member]) => [key, shown(member, depth + 1)]) };
    case 'date': return { $date: value.value.getTime() / 1000 };
    case 'binary': return { $binary: Buffer.from(value.value).toString('hex') };
    default: return { $unknown: value.type };
  }
}

async function outcome(text, names) {
  const scope = new Scope();
  let result;
  try {
    result = { value: shown(await evaluate(new Parser().parse(wrapped(text)), scope)) };
  } catch (error) {
    result = { error: String(error).slice(0, 200) };
  }
  result.vars = Object.fromEntries(names.map((name) => [name, shown(scope.variables.get('$' + name))]));
  return result;
}

async function time(text, preludes, { warm, turns, rounds }) {
  const scopes = [];
  for (const prelude of preludes) {
    const scope = new Scope();
    await evaluate(new Parser().parse(wrapped(prelude)), scope);
    scopes.push(scope);
  }
  const program = new Parser().parse(wrapped(text));
  const pass = async (count) => {
    const started = process.hrtime.bigint();
    for (let turn = 0; turn < count; turn++) await evaluate(program, scopes[turn % scopes.length]);
    return Number(process.hrtime.bigint() - started) / count;
  };
  await pass(warm);
  const found = [];
  for (let round = 0; round < rounds; round++) found.push(await pass(turns));
  return { ns: Math.min(...found), value: shown(await evaluate(program, scopes[0])) };
}

function mend() {
  const Call = ast.CallExpr.prototype;
  // Errors of functions were swallowed and turned into null.
  Call.eval = async function (scope) {
    const func = Api.getFunc(this.caller.symbol);
    if (!func) throw new Error(`no function ${this.caller.symbol}`);
    if (this.args.length < func.minArgs || this.args.length > func.maxArgs) throw new Error('arguments');
    if (func.callEval) return func.callEval(this.args, scope);
    const args = await this.evalArgs(this.args, scope);
    return func.callAsync !== undefined ? func.callAsync(args, scope) : func.call(args, scope);
  };
  // Bodies of loops were not awaited.
  Api.getFunc('While').callEval = async (args, scope) => {
    const most = scope.lookupVar('$jitterbit.scripting.while.max_iterations').toNumber();
    for (let turn = 0; (await evaluate(args[0], scope)).toBool(); turn++) {
      if (turn >= most) throw new Error('too many turns');
      await evaluate(args[1], scope);
    }
    return new types.JbNull();
  };
  // Eval kept the type, and the message of what it caught went nowhere.
  Api.getFunc('Eval').callEval = async (args, scope) => {
    let value;
    try {
      value = await evaluate(args[0], scope);
    } catch {
      value = await evaluate(args[1], scope);
    }
    return value.type === 'null' ? value : new types.JbString(value.toString());
  };
  // Scalars were shared between variables: `b = a; b++` changed a.
  const flat = (value) => (
    value && value.type !== 'array' && value.type !== 'dictionary' && value.clone ? value.clone() : value);
  const counting = new WeakSet();
  for (const kind of [ast.Identifier, ast.GlobalIdentifier, ast.MemberExpr]) {
    const before = kind.prototype.eval;
    kind.prototype.eval = async function (scope) {
      const value = await before.call(this, scope);
      return counting.has(this) ? value : flat(value);
    };
  }
  const unary = ast.UnaryExpr.prototype.eval;
  ast.UnaryExpr.prototype.eval = async function (scope) {
    if (this.operator.value !== '++' && this.operator.value !== '--') return unary.call(this, scope);
    counting.add(this.value);
    try {
      return flat(await unary.call(this, scope));
    } finally {
      counting.delete(this.value);
    }
  };
  const assigned = ast.AssignmentExpr.prototype.eval;
  ast.AssignmentExpr.prototype.eval = async function (scope) {
    return flat(await assigned.call(this, scope));
  };
  // Reading past the end made the array longer.
  const get = types.JbArray.prototype.get;
  types.JbArray.prototype.get = function (key) {
    const length = this.members.length;
    const value = get.call(this, key);
    if (this.members.length > length) this.members.length = length;
    return value;
  };
}

async function answer(asked) {
  if (asked.mend) {
    mend();
    return {};
  }
  if (asked.time !== undefined) return time(asked.time, asked.rows, asked);
  const results = [];
  for (const [text, names] of asked.run) results.push(await outcome(text, names));
  return { results };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n');
  }
})();
