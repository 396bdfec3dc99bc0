// All tests, in one process, so that they share one gateway.

import { after } from "node:test";

import { stop } from "./harness/stand.js";

import "./cases/sign_in.test.js";
import "./cases/errors.test.js";
import "./cases/bearer.test.js";
import "./cases/jwt.test.js";
import "./cases/two_factor.test.js";
import "./cases/passkeys.test.js";
import "./cases/username.test.js";
import "./cases/email_codes.test.js";
import "./cases/magic_link.test.js";
import "./cases/multi_session.test.js";
import "./cases/organizations.test.js";
import "./cases/api_keys.test.js";
import "./cases/admin.test.js";
import "./cases/session_store.test.js";
import "./cases/sessions.test.js";
import "./cases/password.test.js";
import "./cases/account.test.js";
import "./cases/social.test.js";
import "./cases/browser.test.js";
import "./cases/pages.test.js";
import "./cases/pages_account.test.js";
import "./cases/pages_admin.test.js";
import "./cases/ready_made_ui.test.js";
import "./cases/docs.test.js";
import "./cases/moving_in.test.js";

after(stop);
