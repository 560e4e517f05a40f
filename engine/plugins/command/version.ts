/** @module The version of the official command provider with which this plugin shares its states. */

export const commandVersion = "4.5.0";
