//! Request bodies as documented. Handlers read them field by field, to complain about all of them at once; nothing is
//! ever made of these types.
#![expect(dead_code, reason = "they exist for their schemas")]

use utoipa::ToSchema;

/// `POST /sign-up/email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SignUpBody {
    /// One line; may be empty.
    #[schema(max_length = 200)]
    name: String,
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Counted in characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    password: String,
    /// The address of a picture.
    #[schema(max_length = 2048)]
    image: Option<String>,
    /// Where the mailed link leads in the end: a path of the trusted origin whose page asks, else of the public URL, or a URL
    /// of a trusted origin.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// False: the session ends with the browser, after a day at most.
    #[schema(nullable = false, default = true)]
    remember_me: Option<bool>,
}

/// `POST /sign-in/email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SignInBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
    #[schema(format = Password, max_length = 128)]
    password: String,
    /// Handed back as `url`, for the client to go to.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// False: the session ends with the browser, after a day at most.
    #[schema(nullable = false, default = true)]
    remember_me: Option<bool>,
}

/// `POST /sign-in/social`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SocialSignInBody {
    /// As in `auth.social` of gateway.yaml.
    provider: String,
    /// Where the browser goes when it is signed in.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// Where it goes with `error=` when it is not.
    #[schema(nullable = false, rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    /// Where it goes the first time.
    #[schema(nullable = false, rename = "newUserCallbackURL")]
    new_user_callback_url: Option<String>,
    #[schema(nullable = false, default = false)]
    disable_redirect: Option<bool>,
    /// Asked for beside the configured ones.
    #[schema(nullable = false, max_items = 20)]
    scopes: Option<Vec<String>>,
    /// The address, mostly.
    #[schema(nullable = false, max_length = 254)]
    login_hint: Option<String>,
    /// In place of the provider's page: what the client got from it by itself.
    #[schema(nullable = false)]
    id_token: Option<IdTokenBody>,
}

/// `POST /link-social`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct LinkSocialBody {
    /// As in `auth.social` of gateway.yaml.
    provider: String,
    /// Where the browser goes in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// Where it goes with `error=` when nothing was linked.
    #[schema(nullable = false, rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    #[schema(nullable = false, default = false)]
    disable_redirect: Option<bool>,
    /// Asked for beside the configured ones.
    #[schema(nullable = false, max_items = 20)]
    scopes: Option<Vec<String>>,
    /// The address, mostly.
    #[schema(nullable = false, max_length = 254)]
    login_hint: Option<String>,
    /// In place of the provider's page: what the client got from it by itself.
    #[schema(nullable = false)]
    id_token: Option<IdTokenBody>,
}

/// An id token that a client brings.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct IdTokenBody {
    token: String,
    /// As the client asked the provider to put it into the token.
    #[schema(nullable = false)]
    nonce: Option<String>,
    /// Asks the provider for what the id token lacks; it is not kept.
    #[schema(nullable = false)]
    access_token: Option<String>,
}

/// `POST /get-access-token`, `POST /refresh-token`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WhichAccountBody {
    /// The `id` of an account in the list; beside `providerId`, the `accountId` in it.
    #[schema(nullable = false)]
    account_id: Option<String>,
    /// As older clients name it.
    #[schema(nullable = false)]
    provider_id: Option<String>,
}

/// A provider's form (`response_mode=form_post`).
#[derive(ToSchema)]
pub(crate) struct CallbackForm {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
    /// Apple's, the first time.
    user: Option<String>,
}

/// `POST /revoke-session`
#[derive(ToSchema)]
pub(crate) struct RevokeSessionBody {
    /// The `token` of a session in the list, or one's own token.
    token: String,
}

/// `POST /verify-token`
#[derive(ToSchema)]
pub(crate) struct TokenBody {
    token: String,
}

/// `POST /send-verification-email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SendVerificationBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Where the mailed link leads in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
}

/// `POST /request-password-reset`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RequestResetBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The page that asks for the new password: it gets `token` in its query, or `error`. Left out: AuthGate's own.
    #[schema(nullable = false)]
    redirect_to: Option<String>,
}

/// `POST /reset-password`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ResetPasswordBody {
    /// Counted in characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    new_password: String,
    /// Or in the query.
    #[schema(nullable = false)]
    token: Option<String>,
}

/// `POST /change-password`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangePasswordBody {
    /// Counted in characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    new_password: String,
    #[schema(format = Password)]
    current_password: String,
    /// False: the other sessions go on.
    #[schema(nullable = false, default = true)]
    revoke_other_sessions: Option<bool>,
}

/// `POST /set-password`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SetPasswordBody {
    /// Counted in characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    new_password: String,
}

/// `POST /verify-password`
#[derive(ToSchema)]
pub(crate) struct VerifyPasswordBody {
    #[schema(format = Password)]
    password: String,
}

/// The form of the page that a mailed reset link leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChoosePasswordForm {
    token: String,
    #[schema(format = Password)]
    new_password: String,
}

/// Asks for a reset mail.
#[derive(ToSchema)]
pub(crate) struct RequestResetForm {
    email: String,
}

/// The button of the page that a mailed link leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ConfirmForm {
    token: String,
    /// The account's password from now on; it may be empty. Only where an address is verified for the first time.
    #[schema(format = Password)]
    password: Option<String>,
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// The button of a page that leads nowhere else.
#[derive(ToSchema)]
pub(crate) struct TokenForm {
    token: String,
}

/// Asks for another mail.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ResendForm {
    email: String,
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// `POST /update-user`; one of them at least.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UpdateUserBody {
    /// One line; may be empty.
    #[schema(nullable = false, max_length = 200)]
    name: Option<String>,
    /// The address of a picture; `null` takes it away.
    #[schema(max_length = 2048)]
    image: Option<String>,
}

/// `POST /change-email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangeEmailBody {
    #[schema(format = Email, max_length = 254)]
    new_email: String,
    /// Where the mailed link leads in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
}

/// `POST /delete-user`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct DeleteUserBody {
    #[schema(nullable = false, format = Password)]
    password: Option<String>,
    /// Out of a mailed link.
    #[schema(nullable = false)]
    token: Option<String>,
    /// Where a mailed link leads in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
}

/// `POST /unlink-account`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UnlinkAccountBody {
    /// The `id` of an account in the list; beside `providerId`, the `accountId` in it.
    #[schema(nullable = false)]
    account_id: Option<String>,
    /// As older clients name it.
    #[schema(nullable = false)]
    provider_id: Option<String>,
}
