// Loaded before a Node process (NODE_OPTIONS=--require): its clock is CLOCK_OFF_MS from the real one.
const RealDate = Date;
const off = Number(process.env.CLOCK_OFF_MS);
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + off);
    else super(...given);
  }
  static now() {
    return RealDate.now() + off;
  }
};
