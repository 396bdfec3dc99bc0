//! Describes, for the document, forms and the bodies of sign-in through a provider. Their handlers read them field by
//! field, since which fields there are depends on others; nothing is ever made of these types.
#![expect(dead_code, reason = "they exist for their schemas")]

use utoipa::ToSchema;

use crate::api::extract::schemas;

/// Is the body of `POST /sign-in/social`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SocialSignInBody {
    /// The name is one of the keys below `auth.social` of gateway.yaml.
    provider: String,
    /// The browser goes here when it is signed in.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// The browser goes here with `error=` when it is not signed in.
    #[schema(nullable = false, rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    /// The browser goes here the first time.
    #[schema(nullable = false, rename = "newUserCallbackURL")]
    new_user_callback_url: Option<String>,
    #[schema(nullable = false, default = false)]
    disable_redirect: Option<bool>,
    /// Is asked for beside the configured ones.
    #[schema(nullable = false, max_items = 20)]
    scopes: Option<Vec<String>>,
    #[schema(schema_with = schemas::login_hint)]
    login_hint: Option<String>,
    /// This takes the place of the provider's page: the client got it from the provider by itself.
    #[schema(nullable = false)]
    id_token: Option<IdTokenBody>,
}

/// Is the body of `POST /link-social`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct LinkSocialBody {
    /// The name is one of the keys below `auth.social` of gateway.yaml.
    provider: String,
    /// The browser goes here in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// The browser goes here with `error=` when nothing was linked.
    #[schema(nullable = false, rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    #[schema(nullable = false, default = false)]
    disable_redirect: Option<bool>,
    /// Is asked for beside the configured ones.
    #[schema(nullable = false, max_items = 20)]
    scopes: Option<Vec<String>>,
    #[schema(schema_with = schemas::login_hint)]
    login_hint: Option<String>,
    /// This takes the place of the provider's page: the client got it from the provider by itself.
    #[schema(nullable = false)]
    id_token: Option<IdTokenBody>,
}

/// Holds an id token that a client brings.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct IdTokenBody {
    token: String,
    /// This is the nonce as the client asked the provider to put it into the token.
    #[schema(nullable = false)]
    nonce: Option<String>,
    /// Asks the provider for what the id token lacks; it is not kept.
    #[schema(nullable = false)]
    access_token: Option<String>,
}

/// Is the body of `POST /get-access-token` and `POST /refresh-token`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WhichAccountBody {
    /// This is the `id` of an account in the list; beside `providerId`, the `accountId` in it.
    #[schema(nullable = false)]
    account_id: Option<String>,
    /// Older clients name the account in this way.
    #[schema(nullable = false)]
    provider_id: Option<String>,
}

/// Is a provider's form (`response_mode=form_post`).
#[derive(ToSchema)]
pub(crate) struct CallbackForm {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
    /// Apple sends this the first time.
    user: Option<String>,
}

/// Describes the form of the page that a mailed reset link leads to.
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

/// Describes the button of the page that a mailed link leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ConfirmForm {
    token: String,
    /// Is the account's password from now on; it may be empty. It counts only where an address is verified for the
    /// first time.
    #[schema(format = Password)]
    password: Option<String>,
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Describes the button of a page that leads nowhere else.
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

/// Is the body of `POST /unlink-account`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UnlinkAccountBody {
    /// This is the `id` of an account in the list; beside `providerId`, the `accountId` in it.
    #[schema(nullable = false)]
    account_id: Option<String>,
    /// Older clients name the account in this way.
    #[schema(nullable = false)]
    provider_id: Option<String>,
}
