// Loaded before a Node process (NODE_OPTIONS=--require): its clock is CLOCK_OFF_MS from the real one;
// where CLOCK_JUMPS_WITH names a file, from the moment on that the file is there.
const { existsSync } = require("node:fs");
const RealDate = Date;
const off = Number(process.env.CLOCK_OFF_MS);
const file = process.env.CLOCK_JUMPS_WITH;
const lookEveryMs = 20;
let isOff = file === undefined;
let looked = 0;

function now() {
  const real = RealDate.now();
  if (!isOff && real - looked > lookEveryMs) {
    looked = real;
    isOff = existsSync(file);
  }
  return isOff ? real + off : real;
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }
  static now() {
    return now();
  }
};

// Node takes the Date of an answer from the clock that this does not reach.
const { ServerResponse } = require("node:http");
const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (...given) {
  if (!this.headersSent) this.setHeader("date", new Date().toUTCString());
  return writeHead.apply(this, given);
};
