//! From the options to the policy that they ask for: the files that they name are read, and nothing is connected to.

use std::collections::HashMap;
use std::net::SocketAddr;

use axum::http::HeaderValue;
use framescope_framing::HeaderFormat;
use framescope_protocol::{DEMO_TARGET, PLAIN_TARGET, RelayInfo};

use crate::config::{Config, MAX_TARGETS};
use crate::http::{Access, Policy, ServedTarget, Trust};
use crate::net::{PlacesError, Tls, check_places, reachable};
use crate::sessions::Sessions;
use crate::target::{Address, Connector, Target, TargetTlsConfigs, TargetTlsError};
use crate::token::{TokenFileError, TokenSource};

/// What a relay has from its start to its end, and a policy is made with.
#[derive(Clone, Debug)]
pub(crate) struct BuiltIn {
    /// Where the built-in TCP server listens, and the one without a header. `None`: there are none.
    pub(crate) servers: Option<[SocketAddr; 2]>,
    pub(crate) header: HeaderFormat,
    pub(crate) max_message: usize,
    /// Whether other machines may reach the page.
    pub(crate) is_open: bool,
}

/// Reads the files that the config names. Of the `earlier` policy, the targets' open sessions go on to count.
pub(crate) fn policy(
    config: &Config,
    built_in: &BuiltIn,
    earlier: Option<&Policy>,
) -> Result<Policy, PolicyError> {
    if config.targets.len() > MAX_TARGETS {
        return Err(PolicyError::TooManyTargets { count: config.targets.len() });
    }
    check_places(&config.listen, config.own_tcp_listen())?;
    let servers = built_in.servers.into_iter().flatten();
    let servers = [DEMO_TARGET, PLAIN_TARGET]
        .into_iter()
        .zip(servers)
        .map(|(name, address)| Target::new(name, Address::Tcp(reachable(address).to_string())));
    let all: Vec<Target> = servers.chain(config.targets.iter().cloned()).collect();
    let (mut targets, mut tls) = (HashMap::new(), TargetTlsConfigs::default());
    let mut counts = earlier.map(Policy::counts).unwrap_or_default();
    for target in &all {
        let sessions = counts.remove(&target.name).unwrap_or_else(|| Sessions::new(0, 0));
        let served = ServedTarget {
            connector: Connector::new(target, &mut tls)
                .map_err(|cause| PolicyError::Target { name: target.name.clone(), cause })?,
            subprotocols: target.subprotocols.clone(),
            tokens: target.token.as_ref().map(TokenSource::tokens).transpose()?,
            max_sessions: target.max_sessions.unwrap_or(usize::MAX),
            sessions,
        };
        targets.insert(target.name.clone(), served);
    }
    let tokens = config.token.as_ref().map(TokenSource::tokens).transpose()?;
    Ok(Policy {
        access: Access::new(built_in.is_open, config.allow_origins.clone()),
        trust: Trust { proxies: config.trusted_proxies.clone(), from: config.client_from },
        tokens,
        former: counts.into_iter().filter(|(_, sessions)| sessions.count() > 0).collect(),
        tells_ends: targets.values().any(|target| target.connector.tells_ends()),
        targets,
        info: RelayInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tcp_address: built_in.servers.map(|[framed, _]| framed.to_string()),
            header: built_in.header,
            max_message: built_in.max_message,
            targets: all.into_iter().map(|target| target.name).collect(),
            lab: config.watched.is_none(),
            watched: config.watched.is_some(),
        },
        tls: config.tls.as_ref().map(Tls::acceptor),
        asks_for_certificate: config.tls.as_ref().is_some_and(Tls::asks_for_certificate),
        max_client_message: config.max_client_message,
        hsts: config
            .hsts
            .map(|age| format!("max-age={}", age.as_secs()))
            .map(|text| HeaderValue::try_from(text).expect("it is a number"))
            .filter(|_| config.tls.is_some()),
        connect_timeout: config.connect_timeout,
        vanishing: config.vanishing(),
        ping_interval: config.ping_interval,
        close_timeout: config.close_timeout,
        idle_timeout: config.idle_timeout,
        drain_timeout: config.drain_timeout,
        stop_delay: config.stop_delay,
        header_timeout: config.header_timeout,
        send_timeout: config.send_timeout,
    })
}

/// A reload may change what protects the relay, and does not take it away: a file that is being written, or was lost, has the
/// same look.
pub(crate) fn check_protection(earlier: &Policy, next: &Policy) -> Result<(), PolicyError> {
    let opens = |name: &String| {
        let tokens = |policy: &Policy| {
            let own = policy.targets.get(name).and_then(|target| target.tokens.as_ref());
            own.or(policy.tokens.as_ref()).is_some()
        };
        tokens(earlier) && !tokens(next)
    };
    let lost = if earlier.tls.is_some() && next.tls.is_none() {
        "TLS".to_owned()
    } else if earlier.asks_for_certificate && !next.asks_for_certificate {
        "the certificates of clients".to_owned()
    } else if earlier.tokens.is_some() && next.tokens.is_none() {
        "the token".to_owned()
    } else if let Some(name) = next.targets.keys().find(|name| opens(name)) {
        format!("the token of the target \"{name}\"")
    } else {
        return Ok(());
    };
    Err(PolicyError::TakesProtection(lost))
}

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// There are more than [`MAX_TARGETS`].
    #[error("there are {count} targets, over the limit of {MAX_TARGETS}")]
    TooManyTargets {
        /// How many there are.
        count: usize,
    },
    /// Its places cannot be listened on together.
    #[error(transparent)]
    Places(#[from] PlacesError),
    /// A target cannot be spoken to with TLS.
    #[error("the target \"{name}\": {cause}")]
    Target {
        /// The target.
        name: String,
        /// What is wrong.
        cause: TargetTlsError,
    },
    /// A reload would leave the relay open to more than before.
    #[error("it does not ask for {0} any more, which only a restart may do")]
    TakesProtection(String),
    /// A file of tokens cannot be used.
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
}
