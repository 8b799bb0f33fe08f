//! The way into the class, on the projector.

use super::shown_name::shown_name;
use crate::qr::Qr;
use crate::state::{Projector, State};

/// The way into the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The link as a QR code. Without a path if there is no address.
    pub qr: Qr,
    /// What a student types, and the name of the network if there are several.
    pub addresses: Vec<(String, String)>,
    /// The code, in two groups of letters.
    pub code: String,
    /// How many have joined, as a text.
    pub joined: String,
    /// The nicknames of those who have joined last, the last one first. Those without one have a number.
    pub names: Vec<String>,
    /// How many more there are, if there are more.
    pub more: Option<String>,
}

pub(super) fn screen(state: &State, projector: &Projector) -> Invitation {
    let entered = projector.entered.as_ref();
    let addresses = entered.map_or(&[][..], |entered| &entered.addresses);
    let first = addresses.first().zip(entered);
    let told = projector.told.as_ref();
    let newest = told.map_or(&[][..], |told| &told.newest);
    let names = newest.iter().map(|(id, name)| shown_name(state, *id, name.as_ref()));
    let joined = state.counts().joined;
    let more = usize::try_from(joined).unwrap_or(usize::MAX).saturating_sub(newest.len());
    Invitation {
        qr: first.map_or_else(Qr::default, |(address, entered)| {
            Qr::of(&address.join_link(entered.code))
        }),
        addresses: addresses
            .iter()
            .map(|address| {
                let network =
                    if addresses.len() > 1 { address.network.clone() } else { String::new() };
                (address.typed.clone(), network)
            })
            .collect(),
        code: entered.map_or_else(String::new, |entered| entered.code.to_string()),
        joined: state.locale.fill("count-joined", &[("number", &joined)]),
        names: names.collect(),
        more: (more > 0).then(|| state.locale.fill("more", &[("number", &more)])),
    }
}
