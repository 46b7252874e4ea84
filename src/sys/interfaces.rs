//! The network interfaces of this machine.

use std::{ffi::CStr, io, mem::MaybeUninit, net::Ipv4Addr, ptr};

use super::errno::check;

/// An interface that is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its IPv4 address, if it has one; the first of several.
    pub address: Option<Ipv4Addr>,
    /// The address of its hardware, if it has one.
    pub hardware: Option<[u8; 6]>,
}

/// The interfaces that are up, in the system's order.
///
/// # Errors
/// The system's.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let mut list = MaybeUninit::<*mut libc::ifaddrs>::uninit();
    // SAFETY: the place for the list is writable.
    check(unsafe { libc::getifaddrs(list.as_mut_ptr()) })?;
    // SAFETY: getifaddrs has written it.
    let list = unsafe { list.assume_init() };
    let mut found: Vec<Interface> = Vec::new();
    let mut at = list;
    while !at.is_null() {
        // SAFETY: an entry of the list, which lives until it is freed below.
        let entry = unsafe { ptr::read(at) };
        at = entry.ifa_next;
        if entry.ifa_flags & libc::IFF_UP.cast_unsigned() == 0 || entry.ifa_name.is_null() {
            continue;
        }
        // SAFETY: the name ends with NUL and lives as long as the list.
        let name = unsafe { CStr::from_ptr(entry.ifa_name) }.to_string_lossy().into_owned();
        let known = found.iter().position(|interface| interface.name == name);
        let place = known.unwrap_or_else(|| {
            found.push(Interface { name, address: None, hardware: None });
            found.len() - 1
        });
        let Some(interface) = found.get_mut(place) else { continue };
        if entry.ifa_addr.is_null() {
            continue;
        }
        // SAFETY: an address starts with its family.
        let family = i32::from(unsafe { (*entry.ifa_addr).sa_family });
        if family == libc::AF_INET && interface.address.is_none() {
            // SAFETY: the family says which structure it is; it may stand unaligned.
            let address =
                unsafe { ptr::read_unaligned(entry.ifa_addr.cast::<libc::sockaddr_in>()) };
            interface.address = Some(Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr)));
        }
        #[cfg(target_os = "linux")]
        if family == libc::AF_PACKET {
            // SAFETY: the family says which structure it is; it may stand unaligned.
            let link = unsafe { ptr::read_unaligned(entry.ifa_addr.cast::<libc::sockaddr_ll>()) };
            if link.sll_halen == 6 {
                interface.hardware = link.sll_addr.first_chunk::<6>().copied();
            }
        }
    }
    // SAFETY: the list that getifaddrs made, freed once.
    unsafe { libc::freeifaddrs(list) };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_there() {
        let all = interfaces().unwrap();
        assert!(all.iter().any(|one| one.address == Some(Ipv4Addr::LOCALHOST)), "{all:?}");
    }
}
