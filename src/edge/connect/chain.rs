//! Looking for a typed cause. `source()` alone misses what an `io::Error` or a `kube::Error` wraps: an io error's
//! source is the source *of* the error that it carries.

use std::error::Error;
use std::io;

/// Enough for every stack of wrappers, and an end for one that is its own source.
const DEEPEST: usize = 32;

/// The first cause of type `T`, from the outside in.
pub(super) fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

pub(super) fn any<T: Error + 'static>(
    error: &(dyn Error + 'static),
    holds: impl Fn(&T) -> bool,
) -> bool {
    causes(error).any(|cause| cause.downcast_ref().is_some_and(&holds))
}

/// The error and everything that it wraps.
pub(super) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inner(*error)).take(DEEPEST)
}

fn inner<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    if let Some(carried) = error
        .downcast_ref::<io::Error>()
        .and_then(|error| error.get_ref())
    {
        return Some(carried);
    }
    error.source()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_io_error_carries_is_found() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        assert!(error.source().is_none(), "the trap that this file is about");
        assert!(find::<rustls::Error>(&error).is_some());
    }
}
