/** @module The version of the official auth0 provider with which this plugin shares its states. */

export const auth0Version = "3.49.0";
