"""The JavaScript around a script: `Jitterbit`, the shared `$` variables, and the conversion of values.

It takes the built-in functions it needs for itself before the script runs, so that a script that changes them only
fools itself. `native` is the one way out: it hands a JSON text to this process's parent and gives its answer back.
"""

from __future__ import annotations

from studio.script.javascript.zone import WITHOUT_ZONE

OWN_LINE = 1_000_001
"""Our own code begins on this line, so that its places in errors are told from the script's."""

_CODE = r"""
(function (native, functions, variables, says) {
  "use strict";
  var apply = Reflect.apply, ownKeys = Reflect.ownKeys, has = Object.prototype.hasOwnProperty;
  var describe = Object.getOwnPropertyDescriptor, define = Object.defineProperty, create = Object.create;
  var freeze = Object.freeze, isArray = Array.isArray, quote = JSON.stringify, parse = JSON.parse;
  var number = Number, text = String, big = BigInt, date = Date, bytes = Uint8Array, finite = Number.isFinite;
  var ErrorType = Error, TypeErrorType = TypeError, RangeErrorType = RangeError, proxy = Proxy;
  var getTime = Date.prototype.getTime, classOf = Object.prototype.toString, evaluate = (0, eval);
  var view = ArrayBuffer.isView, buffer = ArrayBuffer, join = Array.prototype.join;
  var mapEach = Map.prototype.forEach, setEach = Set.prototype.forEach, map = Map, set = Set, error = Error;
  var digits = "0123456789abcdef", world = globalThis;
  var startsWith = String.prototype.startsWith, slice = String.prototype.slice, charCode = String.prototype.charCodeAt;
  var DEPTH = 50, LONGEST = 2000;

  function is(value, type) { return value instanceof type; }

  // --- values out: written as text by hand, because JSON.stringify would ask the script's own toJSON.
  function encode(value, depth) {
    if (value === null || value === undefined) return "null";
    switch (typeof value) {
      case "boolean": return value ? "true" : "false";
      case "number": return finite(value) ? quote(value) : '{"n":"' + text(value) + '"}';
      case "string": return quote(value);
      case "bigint": return '{"i":"' + text(value) + '"}';
      case "object": return encodeObject(value, depth);
    }
    throw new TypeErrorType(says.noValue);
  }
  function encodeObject(value, depth) {
    if (depth > DEPTH) throw new RangeErrorType(says.tooDeep);
    if (isArray(value)) {
      if (value.length > says.entries) throw new RangeErrorType(says.tooMany);
      var entries = "";
      for (var i = 0; i < value.length; i++) entries += (i ? "," : "") + encode(value[i], depth + 1);
      return "[" + entries + "]";
    }
    if (is(value, date)) {
      var time = apply(getTime, value, []);
      if (!finite(time)) throw new RangeErrorType(says.noDate);
      return '{"d":' + time + "}";
    }
    if (view(value) || is(value, buffer)) return encodeBytes(value);
    if (is(value, number) || is(value, text) || is(value, Boolean)) return encode(value.valueOf(), depth + 1);
    if (is(value, error)) return quote(text(value));
    var pairs = "";
    function put(written) { pairs += (pairs === "" ? "" : ",") + written; }
    function add(key, entry) {
      if (typeof entry === "function" || typeof entry === "symbol") return;
      put("[" + quote(text(key)) + "," + encode(entry, depth + 1) + "]");
    }
    if (is(value, set)) {
      apply(setEach, value, [function (entry) { put(encode(entry, depth + 1)); }]);
      return "[" + pairs + "]";
    }
    if (is(value, map)) {
      apply(mapEach, value, [function (entry, key) { add(key, entry); }]);
    } else {
      var keys = ownKeys(value);
      for (var k = 0; k < keys.length; k++) {
        var found = typeof keys[k] === "string" ? describe(value, keys[k]) : undefined;
        if (found !== undefined && found.enumerable) add(keys[k], value[keys[k]]);
      }
    }
    return '{"o":[' + pairs + "]}";
  }
  function encodeBytes(value) {
    var from = view(value) ? new bytes(value.buffer, value.byteOffset, value.byteLength) : new bytes(value);
    var pieces = "";
    for (var i = 0; i < from.length; i++) pieces += digits[from[i] >> 4] + digits[from[i] & 15];
    return '{"b":"' + pieces + '"}';
  }

  // --- values in
  function decode(data) {
    if (data === null || typeof data !== "object") return data;
    if (isArray(data)) {
      for (var i = 0; i < data.length; i++) data[i] = decode(data[i]);
      return data;
    }
    if (apply(has, data, ["d"])) return new date(data.d);
    if (apply(has, data, ["i"])) return big(data.i);
    if (apply(has, data, ["n"])) return number(data.n);
    if (apply(has, data, ["b"])) return decodeBytes(data.b);
    var object = {}, pairs = data.o;
    for (var k = 0; k < pairs.length; k++)
      define(object, pairs[k][0], {value: decode(pairs[k][1]), enumerable: true, writable: true, configurable: true});
    return object;
  }
  function digit(code) { return code < 58 ? code - 48 : code - 87; }
  function decodeBytes(hex) {
    var made = new bytes(hex.length / 2);
    for (var i = 0; i < made.length; i++)
      made[i] = digit(apply(charCode, hex, [2 * i])) * 16 + digit(apply(charCode, hex, [2 * i + 1]));
    return made;
  }

  // --- the parent; a text put together of many pieces has to be made one before it leaves the engine.
  function flat(message) { return apply(join, [message], [""]); }
  function exchange(message) {
    var answer = parse(native(flat(message)));
    if (answer.error !== undefined) throw new ErrorType(answer.error);
    return answer;
  }

  // --- shared variables: $name is read from the parent when first asked for, and given back before each call.
  var shared = create(null), sent = create(null);
  var identifier = /^[A-Za-z0-9_$]+$/, test = RegExp.prototype.test;
  function share(name) {
    if (!apply(test, identifier, [name])) return;
    delete shared[name];
    delete sent[name];
    var own = describe(world, "$" + name);
    if (own !== undefined) {
      // Made by the script itself: its own property, filled anew from the parent.
      if (own.get === undefined && own.writable) world["$" + name] = fetch(name);
      return;
    }
    define(world, "$" + name, {
      enumerable: true, configurable: true,
      get: function () { return name in shared ? shared[name] : fetch(name); },
      set: function (value) { shared[name] = value; }
    });
  }
  function fetch(name) {
    var answer = exchange('{"do":"get","name":' + quote(name) + "}");
    shared[name] = decode(answer.value);
    sent[name] = encode(shared[name], 0);
    return shared[name];
  }
  function changed() {
    var pieces = "", names = ownKeys(world);
    for (var i = 0; i < names.length; i++) {
      var name = names[i];
      if (typeof name !== "string" || !apply(startsWith, name, ["$"]) || name.length < 2) continue;
      var plain = apply(slice, name, [1]), own = describe(world, name), value = own.value;
      if (own.get !== undefined) {
        if (!(plain in shared)) continue;
        value = shared[plain];
      }
      if (typeof value === "function" || typeof value === "symbol") continue;
      var written = encode(value, 0);
      if (sent[plain] === written) continue;
      sent[plain] = written;
      pieces += (pieces === "" ? "" : ",") + quote(plain) + ":" + written;
    }
    return "{" + pieces + "}";
  }

  function call(name, given) {
    var pieces = "";
    for (var i = 0; i < given.length; i++) pieces += (i ? "," : "") + encode(given[i], 0);
    var answer = exchange('{"do":"call","name":' + quote(name) + ',"arguments":[' + pieces +
                          '],"set":' + changed() + "}");
    for (var k = 0; k < answer.stale.length; k++) share(answer.stale[k]);
    return decode(answer.value);
  }

  // --- what a script sees
  var result, given = false, offered = create(null);
  var lower = String.prototype.toLowerCase;
  function offer(name, does) { offered[apply(lower, name, [])] = does; }
  functions.forEach(function (name) { offer(name, function () { return call(name, arguments); }); });
  offer("SetScriptResult", function (value) { result = value; given = true; });
  freeze(offered);
  var jitterbit = new proxy(offered, {
    get: function (target, name) {
      if (typeof name !== "string") return undefined;
      var found = target[apply(lower, name, [])];
      if (found !== undefined) return found;
      if (name === "toJSON" || name === "toString" || name === "valueOf" || name === "then") return undefined;
      throw new ReferenceError(exchange('{"do":"missing","name":' + quote(name) + "}").value);
    }
  });
  define(world, "Jitterbit", {value: jitterbit});
  ["WriteToOperationLog", "SetScriptResult"].forEach(function (name) {
    define(world, name, {value: jitterbit[name], writable: true, configurable: true});
  });
  variables.forEach(share);

  // --- the run
  function failure(thrown) {
    var message = "", stack = "";
    try {
      var named = thrown !== null && typeof thrown === "object" && typeof thrown.message === "string";
      message = named ? thrown.message : typeof thrown === "object" ? text(quote(thrown)) : text(thrown);
    } catch (e) { message = "?"; }
    try { if (is(thrown, error)) { message = text(thrown.name) + ": " + message; stack = text(thrown.stack); } }
    catch (e) { stack = ""; }
    if (message.length > LONGEST) message = apply(slice, message, [0, LONGEST]) + "…";
    return '"error":' + quote(message) + ',"stack":' + quote(stack);
  }
  function ended(outcome) {
    var set;
    try { set = changed(); } catch (e) { set = "{}"; if (outcome[1] !== "e") outcome = "," + failure(e); }
    return flat('{"do":"end"' + outcome + ',"set":' + set + "}");
  }
  return [
    function (source) {
      try {
        var value = evaluate(source);
        if (!given) result = value;
      } catch (thrown) { return flat(failure(thrown)); }
      return "";
    },
    function (failed) {
      if (failed !== "") return ended("," + failed);
      var written;
      try { written = typeof result === "function" || typeof result === "symbol" ? "null" : encode(result, 0); }
      catch (thrown) { return ended("," + failure(thrown)); }
      return ended(',"value":' + written);
    }
  ];
})
"""
PRELUDE = "\n" * (OWN_LINE - 1) + WITHOUT_ZONE.strip() + _CODE.rstrip()
