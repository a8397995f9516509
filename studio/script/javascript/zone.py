"""JavaScript that makes Date know no zone but UTC, where the engine takes the computer's in spite of us (Windows)."""

from __future__ import annotations

WITHOUT_ZONE = r"""
(function () {
  "use strict";
  var Native = Date, dates = Native.prototype, offset = dates.getTimezoneOffset;
  if (!new Native(2000, 0, 1).getTimezoneOffset() && !new Native(2000, 6, 1).getTimezoneOffset()) return;
  var call = Function.prototype.call.bind(Function.prototype.call), construct = Reflect.construct, utc = Native.UTC;
  var zoned = /(?:Z|GMT|UTC?|[+-]\d\d:?\d\d)\s*(?:\(.*\))?\s*$/i, day = /^\s*[+-]?\d{4,6}(?:-\d\d){0,2}\s*$/;
  var getTime = dates.getTime, toUTC = dates.toUTCString;

  // What the engine read as local time is what is meant as UTC.
  function parse(said) {
    said = String(said);
    var time = Native.parse(said);
    if (isNaN(time) || zoned.test(said) || day.test(said)) return time;
    return time - call(offset, new Native(time)) * 60000;
  }
  function timeOf(value) {
    if (value instanceof Native) return call(getTime, value);
    if (value !== null && typeof value === "object") value = value.valueOf === undefined ? value + "" : value.valueOf();
    return typeof value === "string" ? parse(value) : Number(value);
  }
  function Zoneless() {
    if (new.target === undefined) return new Zoneless().toString();
    var given = arguments, time = given.length > 1 ? Reflect.apply(utc, Native, given)
      : given.length ? timeOf(given[0]) : Native.now();
    return construct(Native, [time], new.target);
  }
  ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"].forEach(function (field) {
    dates["get" + field] = dates["getUTC" + field];
    dates["set" + field] = dates["setUTC" + field];
  });
  dates.getDay = dates.getUTCDay;
  dates.getTimezoneOffset = function () { return isNaN(this) ? NaN : 0; };
  function shown(pick) {
    return function () {
      var said = call(toUTC, this).split(" ");  // Wed, 31 Jan 2024 23:00:00 GMT
      return said.length < 6 ? said.join(" ") : pick(said[0].slice(0, 3), said[1], said[2], said[3], said[4]);
    };
  }
  function dateText(name, number, month, year) { return [name, month, number, year].join(" "); }
  function timeText(name, number, month, year, time) { return time + " GMT+0000"; }
  dates.toDateString = dates.toLocaleDateString = shown(dateText);
  dates.toTimeString = dates.toLocaleTimeString = shown(timeText);
  dates.toString = dates.toLocaleString = shown(function () {
    return Reflect.apply(dateText, null, arguments) + " " + Reflect.apply(timeText, null, arguments);
  });
  Object.defineProperty(Zoneless, "name", {value: "Date"});
  Object.defineProperty(Zoneless, "prototype", {value: dates});
  [["now", Native.now], ["parse", parse], ["UTC", utc]].forEach(function (each) {
    Object.defineProperty(Zoneless, each[0], {value: each[1], writable: true, configurable: true});
  });
  dates.constructor = Zoneless;
  Object.defineProperty(globalThis, "Date", {value: Zoneless, writable: true, configurable: true});
})();
"""
