//! What is known of where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, request::Parts},
};

/// The network address that a request comes from, as far as one client has it to itself: with IPv6, its /64. `None` if
/// the server does not say by [`ConnectInfo`].
pub(crate) fn client_network(request: &Parts) -> Option<u128> {
    let ConnectInfo(address) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(match address.ip().to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    })
}

/// The whole address that a request comes from.
pub(crate) fn client_address(request: &Extensions) -> Option<IpAddr> {
    let ConnectInfo(address) = request.get::<ConnectInfo<SocketAddr>>()?;
    Some(address.ip().to_canonical())
}
