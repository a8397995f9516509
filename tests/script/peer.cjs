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
  if (value === null || value === undefined || depth > 20) return null;
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
  // Errors of functions were swallowed and turned into null; text functions took null for the word null.
  Call.eval = async function (scope) {
    const func = Api.getFunc(this.caller.symbol);
    if (!func) throw new Error(`no function ${this.caller.symbol}`);
    if (this.args.length < func.minArgs || this.args.length > func.maxArgs) throw new Error('arguments');
    if (func.callEval) return func.callEval(this.args, scope);
    const args = (await this.evalArgs(this.args, scope)).map((value) =>
      func.module === 'string' && value.type === 'null' ? new types.JbString('') : value);
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
  const whole = (value) => (value.type === 'array' ? value.clone() : value);
  const given = (value) => ({ kind: 'Identifier', eval: async () => value });
  const assigned = ast.AssignmentExpr.prototype.eval;
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
    if (this.operator.value === '!') return whole(await evaluate(this.value, scope)).negate();
    if (this.operator.value === '-') return whole(await evaluate(this.value, scope)).negative();
    const held = await evaluate(this.value, scope);
    if (held.type === 'array') {
      const counted = held.clone();
      if (this.operator.value === '++') counted.increment(); else counted.decrement();
      const stored = { kind: 'AssignmentExpr', assignee: this.value, value: given(counted), operator: { value: '=' } };
      await assigned.call(stored, scope);
      return this.lhs ? counted : held;
    }
    counting.add(this.value);
    try {
      return flat(await unary.call(this, scope));
    } finally {
      counting.delete(this.value);
    }
  };
  ast.AssignmentExpr.prototype.eval = async function (scope) {
    return flat(await assigned.call(this, scope));
  };
  // Operators on arrays changed the array they were given; && and || evaluated both sides.
  const binary = ast.BinaryExpr.prototype.eval;
  const logical = { '&&': false, '&': false, '||': true, '|': true };
  const operated = (node, left, right) =>
    binary.call({ operator: node.operator, left: given(whole(left)), right: given(whole(right)) }, undefined);
  ast.BinaryExpr.prototype.eval = async function (scope) {
    const left = await evaluate(this.left, scope);
    const deciding = logical[this.operator];
    if (deciding === false && left.type === 'array') return new types.JbBool(false);
    if (deciding !== undefined && left.type !== 'array') {
      const truth = await operated(this, left, new types.JbBool(!deciding));
      if (truth.value === deciding) return truth;
    }
    const right = await evaluate(this.right, scope);
    if (deciding !== undefined && left.type === 'array' && right.type === 'array') return new types.JbBool(false);
    return operated(this, left, right);
  };
  // Reading past the end made the array longer.
  const get = types.JbArray.prototype.get;
  types.JbArray.prototype.get = function (key) {
    const length = this.members.length;
    const value = get.call(this, key);
    if (this.members.length > length) this.members.length = length;
    return value;
  };
  // A fraction is no index, yet writing there past the end made the array longer.
  const set = types.JbArray.prototype.set;
  types.JbArray.prototype.set = function (index, value) {
    if (!Number.isInteger(index)) return value;
    while (index < 1e6 && this.members.length < index) this.members.push(new types.JbNull());
    return set.call(this, index, value);
  };
  const assign = Scope.assign;
  Scope.assign = (old, operator, value) =>
    operator === '=' ? value : assign.call(Scope, whole(old), operator, whole(value));
  const assignVar = Scope.prototype.assignVar;
  Scope.prototype.assignVar = function (name, value, operator = '=') {
    return assignVar.call(this, name, operator === '=' ? value : whole(value), operator);
  };
  // Against its own rules, or the vendor's: the texts true, t and T are not false, a text's number is the same everywhere,
  // true is at least what it is more than, and arrays of empty texts keep their commas.
  types.JbString.prototype.toBool = function () { return this.toNumber() !== 0 || ['true', 't', 'T'].includes(this.value); };
  types.JbString.prototype.negate = function () { return new types.JbBool(!this.toBool()); };
  const beside = types.JbBool.prototype.binopDict;
  types.JbBool.prototype.binopDict = function (operator, right) {
    return operator === '>=' ? new types.JbBool(true) : beside.call(this, operator, right);
  };
  types.JbArray.prototype.toString = function () { return `{${this.members.map((one) => one.toString()).join(',')}}`; };
  // Documented otherwise: text written as a whole number counts as one, sorting gives null.
  const whether = Api.getFunc('IsInteger');
  const number = whether.call;
  whether.call = (args, scope) =>
    args[0].type === 'string' ? new types.JbBool(/^\s*-?[0-9]+\s*$/.test(args[0].value)) : number.call(whether, args, scope);
  const sorting = Api.getFunc('SortArray');
  const sorted = sorting.call;
  sorting.call = (args, scope) => {
    sorted.call(sorting, args, scope);
    return new types.JbNull();
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
