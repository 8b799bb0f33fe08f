//! The bridge in service: behind proxies, before servers that ask for more than bytes, reloaded and restarted
//! while it carries sessions. Real counterparts are used where this machine has them.

mod client_certificates;
mod first_request;
mod listening;
#[cfg(target_os = "linux")]
mod manager;
mod proxies;
#[cfg(unix)]
mod recordings;
mod reload;
mod restart;
mod targets;
