"""What can be wrong with an identity. Messages are for the log; a client learns no more than the status says."""


class ConfigurationError(Exception):
    """The app does not say how it learns who is calling, or says it wrongly."""


class InvalidIdentity(Exception):
    """A request states an identity that must not be believed."""


class ExpiredToken(InvalidIdentity):
    """A token was valid once and is not any more."""


class KeysUnavailable(Exception):
    """The gateway's keys cannot be fetched and none are known, so that nothing can be decided."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds after which the keys are asked for again."""
