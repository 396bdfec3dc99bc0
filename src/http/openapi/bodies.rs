//! Request bodies as documented. Handlers read them field by field, to complain about all of them at once; nothing is
//! ever made of these types.
#![expect(dead_code, reason = "they exist for their schemas")]

use utoipa::ToSchema;

/// `POST /sign-up/email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(in super::super) struct SignUpBody {
    /// One line; may be empty.
    #[schema(max_length = 256)]
    name: String,
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Counted in characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    password: String,
    /// The address of a picture.
    #[schema(max_length = 2048)]
    image: Option<String>,
    /// Where the mailed link leads in the end: a path of the public URL, or a URL of a trusted origin.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
    /// False: the session ends with the browser, after a day at most.
    #[schema(nullable = false, default = true)]
    remember_me: Option<bool>,
}

/// `POST /sign-in/email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(in super::super) struct SignInBody {
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

/// `POST /verify-token`
#[derive(ToSchema)]
pub(in super::super) struct TokenBody {
    token: String,
}

/// `POST /send-verification-email`
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(in super::super) struct SendVerificationBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Where the mailed link leads in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<String>,
}

/// The button of the page that a mailed link leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(in super::super) struct ConfirmForm {
    token: String,
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Asks for another mail.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(in super::super) struct ResendForm {
    email: String,
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}
