/** @module oidc-profile.ts as Auth0 runs it; made by `node scripts/main.ts`, not by hand. */

export const oidcProfileText = `function fetchUserProfile(accessToken, context, callback) {
  "use strict";
  var userinfoUrl = "https://userinfo.invalid/";
  var timeoutMs = 1e4;
  var textClaims = ["email", "name", "nickname", "picture", "given_name", "family_name"];
  var fetchUserProfile2 = (accessToken2, _context, callback2) => {
    const options = { url: userinfoUrl, headers: { Authorization: \`Bearer \${accessToken2}\`, Accept: "application/json" }, json: true, timeout: timeoutMs, followRedirect: false };
    request.get(options, (error, response, body) => {
      if (error) return callback2(problem(\`could not be reached (\${error.code ?? "network error"})\`));
      const status = response?.statusCode;
      if (status !== 200) return callback2(problem(\`answered \${status}\${errorCode(body)}\`));
      if (!isObject(body)) return callback2(problem("answered with no JSON object"));
      const profile = toProfile(body);
      if (!profile) return callback2(problem("answered without a user_id and without a sub"));
      callback2(null, profile);
    });
  };
  function problem(what) {
    return new Error(\`the userinfo endpoint \${userinfoUrl} \${what}\`);
  }
  function errorCode(body) {
    const code = isObject(body) ? body["error"] : void 0;
    return typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? \` \${code}\` : "";
  }
  function toProfile(claims) {
    const userId = identifier(claims["user_id"]) ?? identifier(claims["sub"]);
    if (userId === void 0) return void 0;
    const profile = { user_id: userId };
    for (const claim of textClaims) {
      const value = claims[claim];
      if (typeof value === "string" && value !== "") profile[claim] = value;
    }
    const verified = claims["email_verified"];
    if (typeof verified === "boolean") profile.email_verified = verified;
    return profile;
  }
  function identifier(value) {
    if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
    return typeof value === "string" && value !== "" ? value : void 0;
  }
  function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  fetchUserProfile2(accessToken, context, callback);
}
`;
