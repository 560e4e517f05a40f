/** @module The fetchUserProfile text for Slack, whose userinfo is not OpenID-shaped. */

/** Says whose token it is; needs no scope (Slack's Web API, auth.test). */
const authTest = "https://slack.com/api/auth.test";

/**
 * Reads who the user is with their access token. Slack answers 200 to what it refuses, and says so in
 * the body. A user's id is unique within a workspace only, so the workspace is part of `user_id`.
 *
 * @param url Another address than Slack's, for a test.
 * @returns The text of `options.scripts.fetchUserProfile`.
 */
export function slackProfileScript(url: string = authTest): string {
  return `function fetchUserProfile(accessToken, context, callback) {
  "use strict";
  var options = {
    url: ${JSON.stringify(url)},
    headers: { Authorization: "Bearer " + accessToken },
    json: true,
    timeout: 10000,
    followRedirect: false
  };
  request.get(options, function (error, response, body) {
    if (error) return callback(new Error("Slack could not be reached (" + (error.code || "network error") + ")"));
    if (!response || response.statusCode !== 200) return callback(new Error("Slack answered " + (response && response.statusCode)));
    if (!body || body.ok !== true || !body.user_id || !body.team_id) {
      var code = body && /^[a-z_]{1,40}$/.test(body.error) ? " " + body.error : "";
      return callback(new Error("Slack refused to say who the user is" + code));
    }
    callback(null, { user_id: body.team_id + "-" + body.user_id, name: body.user });
  });
}
`;
}
