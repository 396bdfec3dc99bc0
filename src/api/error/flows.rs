//! Turns the errors of the flows into responses. Every match is exhaustive: a new error has to be given its status,
//! code and text.

use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{
    api::{
        OriginRejection,
        error::problem::{Problem, RETRY_AFTER},
    },
    auth::{
        ChangeEmailError, ChangePasswordError, Constraint, DeleteUserError, DeviceSessionError, FlowError,
        InvalidCallbackUrl, PasswordlessError, ResetPasswordError, SendVerificationError, SetPasswordError,
        SignInError, SignUpError, SignUpRefusal, StoreError, TwoFactorError, UnlinkAccountError, UpdateUserError,
        UsernameTaken, VerifyEmailError, VerifyPasswordError,
    },
    types::{FieldError, PasswordError, StepUp, UsernameError},
};

/// This is the name that better-auth uses; the standard name goes with it (contract §7).
const X_RETRY_AFTER: HeaderName = HeaderName::from_static("x-retry-after");

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => Self::service_unavailable().with_cause(error),
            StoreError::FieldsTooLarge => {
                let message = "The additional fields are too large: at most 16 KiB are stored";
                Self::bad_request("ADDITIONAL_FIELDS_TOO_LARGE", message)
            }
            StoreError::MetadataTooLarge => {
                Self::bad_request("METADATA_TOO_LARGE", "The metadata is too large with its numbers written out")
            }
            StoreError::UserGone | StoreError::SessionEnded => Self::unauthorized(),
            // Flows turn the conflicts they foresee into errors of their own.
            StoreError::Conflict(
                Constraint::UserEmail
                | Constraint::ProviderAccount
                | Constraint::PasskeyCredential
                | Constraint::OrganizationSlug
                | Constraint::OrganizationMember
                | Constraint::OrganizationInvitation,
            )
            | StoreError::Statement(_) => Self::internal(error),
        }
    }
}

impl From<DeviceSessionError> for Problem {
    fn from(error: DeviceSessionError) -> Self {
        match error {
            DeviceSessionError::NotHeld { .. } => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_SESSION_TOKEN", "Invalid session token")
            }
            DeviceSessionError::Store(error) => error.into(),
        }
    }
}

/// Maps, in one place, what every flow can fail with.
impl From<FlowError> for Problem {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::RateLimited { retry_after } => {
                let seconds = HeaderValue::from(retry_after.as_secs().max(1));
                let message = "Too many requests. Please try again later.";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", message)
                    .with_header(header::RETRY_AFTER, seconds.clone())
                    .with_header(X_RETRY_AFTER, seconds)
            }
            // This is not the database's `SERVICE_UNAVAILABLE`: sessions and the traffic are fine, only passwords have to wait.
            FlowError::Busy(_) => {
                let message = "Too many sign-ins at once, try again shortly";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_BUSY", message)
                    .with_header(header::RETRY_AFTER, RETRY_AFTER)
            }
            FlowError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateUserError> for Problem {
    fn from(error: UpdateUserError) -> Self {
        match error {
            UpdateUserError::HeadersTooLong(name) => {
                Self::validation(&[format!("[body.{name}] Invalid input: {}", FieldError::HeadersTooLong)])
            }
            UpdateUserError::UsernameTaken(error) => error.into(),
            UpdateUserError::Flow(error) => error.into(),
        }
    }
}

impl From<UsernameTaken> for Problem {
    fn from(UsernameTaken: UsernameTaken) -> Self {
        let message = "Username is already taken. Please try another.";
        Self::bad_request("USERNAME_IS_ALREADY_TAKEN", message)
    }
}

impl From<UsernameError> for Problem {
    fn from(error: UsernameError) -> Self {
        let (code, message) = match error {
            UsernameError::TooShort => ("USERNAME_TOO_SHORT", "Username is too short"),
            UsernameError::TooLong => ("USERNAME_TOO_LONG", "Username is too long"),
            UsernameError::Invalid => ("INVALID_USERNAME", "Username is invalid"),
        };
        Self::bad_request(code, message)
    }
}

impl From<SignUpError> for Problem {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::EmailTaken => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
                "User already exists. Use another email.",
            ),
            SignUpError::UsernameTaken(error) => error.into(),
            SignUpError::Refused(refusal) => refusal.into(),
            SignUpError::Flow(error) => error.into(),
        }
    }
}

impl From<SignUpRefusal> for Problem {
    fn from(refusal: SignUpRefusal) -> Self {
        match refusal {
            SignUpRefusal::Closed => Self::new(
                StatusCode::FORBIDDEN,
                "EMAIL_PASSWORD_SIGN_UP_DISABLED",
                "Email and password sign up is not enabled",
            ),
            SignUpRefusal::InvitationNeeded => {
                Self::new(StatusCode::FORBIDDEN, "INVITATION_REQUIRED", "Signing up takes an invitation")
            }
            SignUpRefusal::InvalidInvitation => Self::new(
                StatusCode::FORBIDDEN,
                "INVALID_INVITATION",
                "The invitation was used, is too old or is not for this address",
            ),
            SignUpRefusal::EmailDomain => Self::email_domain_not_allowed(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::BadCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password")
            }
            SignInError::EmailNotVerified => {
                Self::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified")
            }
            SignInError::Flow(error) => error.into(),
        }
    }
}

impl From<SendVerificationError> for Problem {
    fn from(error: SendVerificationError) -> Self {
        match error {
            SendVerificationError::EmailMismatch => Self::bad_request("EMAIL_MISMATCH", "Email mismatch"),
            SendVerificationError::AlreadyVerified => {
                Self::bad_request("EMAIL_ALREADY_VERIFIED", "Email is already verified")
            }
            SendVerificationError::Store(error) => error.into(),
        }
    }
}

impl From<VerifyEmailError> for Problem {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            // Who has the address now is nobody's business.
            VerifyEmailError::Invalid | VerifyEmailError::EmailTaken => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "Invalid token")
            }
            VerifyEmailError::Expired => Self::new(StatusCode::UNAUTHORIZED, "TOKEN_EXPIRED", "Token expired"),
            VerifyEmailError::Password(error) => error.into(),
            VerifyEmailError::Flow(error) => error.into(),
        }
    }
}

impl From<ChangeEmailError> for Problem {
    fn from(error: ChangeEmailError) -> Self {
        match error {
            ChangeEmailError::SameEmail => Self::bad_request("EMAIL_IS_THE_SAME", "Email is the same"),
            ChangeEmailError::EmailDomain => Self::email_domain_not_allowed(),
            ChangeEmailError::Flow(error) => error.into(),
        }
    }
}

impl From<PasswordlessError> for Problem {
    fn from(error: PasswordlessError) -> Self {
        match error {
            PasswordlessError::Invalid => Self::bad_request("INVALID_OTP", "Invalid OTP"),
            PasswordlessError::Expired => Self::bad_request("OTP_EXPIRED", "OTP expired"),
            PasswordlessError::TooManyAttempts => {
                Self::new(StatusCode::FORBIDDEN, "TOO_MANY_ATTEMPTS", "Too many attempts")
            }
            PasswordlessError::CurrentCodeNeeded => {
                Self::bad_request("OTP_REQUIRED", "OTP is required to verify current email")
            }
            PasswordlessError::SameEmail => Self::bad_request("EMAIL_IS_THE_SAME", "Email is the same"),
            PasswordlessError::EmailDomain => Self::email_domain_not_allowed(),
            PasswordlessError::MissingField(name) => Self::bad_request("MISSING_FIELD", format!("{name} is required")),
            PasswordlessError::UsernameTaken(error) => error.into(),
            PasswordlessError::Refused(refusal) => refusal.into(),
            PasswordlessError::Password(error) => error.into(),
            PasswordlessError::Flow(error) => error.into(),
        }
    }
}

impl From<DeleteUserError> for Problem {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::NoPassword => {
                Self::bad_request("CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
            }
            DeleteUserError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            DeleteUserError::InvalidToken => Self::new(StatusCode::NOT_FOUND, "INVALID_TOKEN", "Invalid token"),
            DeleteUserError::NotFresh => {
                Self::bad_request("SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
            }
            DeleteUserError::LastOwner(slugs) => Self::bad_request(
                "YOU_ARE_THE_ONLY_OWNER_OF_AN_ORGANIZATION",
                format!("Others are members of {}: give them another owner, or delete them, first", slugs.join(", ")),
            ),
            DeleteUserError::LastAdministrator => Self::bad_request(
                "YOU_ARE_THE_LAST_ADMINISTRATOR",
                "Nobody else can give roles to users: give somebody else your role first",
            ),
            DeleteUserError::Flow(error) => error.into(),
        }
    }
}

impl From<UnlinkAccountError> for Problem {
    fn from(error: UnlinkAccountError) -> Self {
        match error {
            UnlinkAccountError::LastAccount => {
                Self::bad_request("FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account")
            }
            UnlinkAccountError::UnknownAccount => Self::bad_request("ACCOUNT_NOT_FOUND", "Account not found"),
            UnlinkAccountError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::TooShort => Self::bad_request("PASSWORD_TOO_SHORT", "Password too short"),
            PasswordError::TooLong => Self::bad_request("PASSWORD_TOO_LONG", "Password too long"),
            PasswordError::TooCommon => Self::bad_request(
                "PASSWORD_TOO_COMMON",
                "Password too easy to guess: it is common, or made of words of your name, your address or this site. \
                 Choose another, for example several words that have nothing to do with each other",
            ),
        }
    }
}

/// Does without the 401 of a verification link (contract §3.4).
impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::InvalidToken => Self::bad_request("INVALID_TOKEN", "Invalid token"),
            ResetPasswordError::Password(error) => error.into(),
            ResetPasswordError::Flow(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::NoPassword => {
                Self::bad_request("CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
            }
            ChangePasswordError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            ChangePasswordError::Flow(error) => error.into(),
        }
    }
}

impl From<SetPasswordError> for Problem {
    fn from(error: SetPasswordError) -> Self {
        match error {
            SetPasswordError::AlreadySet => {
                Self::bad_request("PASSWORD_ALREADY_SET", "User already has a password set")
            }
            SetPasswordError::Flow(error) => error.into(),
        }
    }
}

impl From<VerifyPasswordError> for Problem {
    fn from(error: VerifyPasswordError) -> Self {
        match error {
            VerifyPasswordError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            VerifyPasswordError::Flow(error) => error.into(),
        }
    }
}

impl From<TwoFactorError> for Problem {
    fn from(error: TwoFactorError) -> Self {
        let unauthorized = |code, message| Self::new(StatusCode::UNAUTHORIZED, code, message);
        match error {
            TwoFactorError::InvalidCode => unauthorized("INVALID_CODE", "Invalid code"),
            TwoFactorError::InvalidBackupCode => unauthorized("INVALID_BACKUP_CODE", "Invalid backup code"),
            TwoFactorError::InvalidChallenge => unauthorized("INVALID_TWO_FACTOR_COOKIE", "Invalid two factor cookie"),
            TwoFactorError::TooManyAttempts => {
                let message = "Too many attempts. Please request a new code.";
                Self::bad_request("TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE", message)
            }
            TwoFactorError::Locked { retry_after } => Self::from(FlowError::RateLimited { retry_after }).renamed(
                "ACCOUNT_TEMPORARILY_LOCKED",
                "Too many failed verification attempts. Your account is temporarily locked. Please try again later.",
            ),
            TwoFactorError::CodeExpired => Self::bad_request("OTP_HAS_EXPIRED", "OTP has expired"),
            TwoFactorError::TotpNotEnabled => Self::bad_request("TOTP_NOT_ENABLED", "TOTP not enabled"),
            TwoFactorError::AlreadyEnabled => Self::bad_request("TOTP_ALREADY_ENABLED", "TOTP is already enabled"),
            TwoFactorError::NotEnabled => Self::bad_request("TWO_FACTOR_NOT_ENABLED", "Two factor isn't enabled"),
            TwoFactorError::BackupCodesNotEnabled => {
                Self::bad_request("BACKUP_CODES_NOT_ENABLED", "Backup codes aren't enabled")
            }
            TwoFactorError::MailedCodesDisabled => Self::bad_request("OTP_NOT_CONFIGURED", "OTP isn't configured"),
            TwoFactorError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            TwoFactorError::NotFresh => Self::session_not_fresh(),
            TwoFactorError::SecondFactorNeeded => Self::step_up(StepUp::TwoFactor),
            TwoFactorError::Flow(error) => error.into(),
        }
    }
}

impl From<InvalidCallbackUrl> for Problem {
    fn from(InvalidCallbackUrl: InvalidCallbackUrl) -> Self {
        Self::new(StatusCode::FORBIDDEN, "INVALID_CALLBACK_URL", "Invalid callbackURL")
    }
}

impl From<OriginRejection> for Problem {
    fn from(rejection: OriginRejection) -> Self {
        let (code, message) = match rejection {
            OriginRejection::MissingOrNull => (
                "MISSING_OR_NULL_ORIGIN",
                "Missing or null Origin. A request with cookies names the page that sent it in Origin; a program that is no \
                 page sends the session's token in Authorization: Bearer instead of the cookie, or Origin with the address \
                 of its own site.",
            ),
            OriginRejection::Untrusted => ("INVALID_ORIGIN", "Invalid origin"),
            OriginRejection::CrossSiteNavigation => (
                "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
                "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
            ),
        };
        Self::new(StatusCode::FORBIDDEN, code, message)
    }
}
