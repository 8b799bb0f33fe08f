//! Why a relay refuses a request. The page explains each reason.

/// Why a relay refuses a request. Each reason has its own HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The request has no token, or a wrong one.
    NoToken,
    /// The request comes from a page of another origin.
    Origin,
    /// The relay does not serve the `Host` of the request.
    Host,
    /// There is no target with this name.
    UnknownTarget,
    /// The request is valid, but it does not ask for a WebSocket.
    NotAnUpgrade,
    /// The target refused the connection.
    TargetUnreachable,
    /// The target did not answer in time.
    TargetTimedOut,
    /// There are too many sessions, experiments or connections.
    TooMany,
}

impl Refused {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::NoToken,
        Self::Origin,
        Self::Host,
        Self::UnknownTarget,
        Self::NotAnUpgrade,
        Self::TargetUnreachable,
        Self::TargetTimedOut,
        Self::TooMany,
    ];

    /// The HTTP status: RFC 9110, section 15.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NoToken => 401,
            Self::Origin => 403,
            Self::UnknownTarget => 404,
            Self::Host => 421,
            Self::NotAnUpgrade => 426,
            Self::TargetUnreachable => 502,
            Self::TooMany => 503,
            Self::TargetTimedOut => 504,
        }
    }

    /// The reason with this status. `None` for every other status.
    #[must_use]
    pub fn from_status(status: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|refused| refused.status() == status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_status() {
        for refused in Refused::ALL {
            assert_eq!(Refused::from_status(refused.status()), Some(refused));
        }
        assert_eq!(Refused::from_status(400), None);
    }
}
