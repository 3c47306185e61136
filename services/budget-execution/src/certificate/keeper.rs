//! Keeps the private keys of signers: in the database only under the seal key of the installation, which is a file of
//! its own, readable by its owner, and the same for all instances.

use std::{
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand::{SecureRandom as _, SystemRandom},
};
use uuid::Uuid;

const KEY_BYTES: usize = 32;

/// Why a private key cannot be kept or used.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error("seal key file: {0}")]
    File(#[from] std::io::Error),
    #[error("the seal key must have {KEY_BYTES} bytes")]
    Length,
    #[error("the private key was not sealed with the seal key of this installation")]
    Sealed,
}

/// Seals and opens private keys.
pub struct Keeper {
    key: RandomizedNonceKey,
}

impl Keeper {
    /// Reads the seal key; makes it when the file is absent.
    pub fn from_file(path: &Path) -> Result<Self, KeeperError> {
        match std::fs::read(path) {
            Ok(key) => Self::of(&key),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(path)?;
                Self::of(&std::fs::read(path)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn of(key: &[u8]) -> Result<Self, KeeperError> {
        Ok(Self { key: RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| KeeperError::Length)? })
    }

    /// Seals a private key for the certificate that it belongs to.
    pub fn seal(&self, cert_id: Uuid, secret: &[u8]) -> Result<Vec<u8>, KeeperError> {
        let mut sealed = secret.to_vec();
        let aad = Aad::from(cert_id.into_bytes());
        let nonce = self.key.seal_in_place_append_tag(aad, &mut sealed).map_err(|_| KeeperError::Sealed)?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for this certificate.
    pub fn open(&self, cert_id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, KeeperError> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(KeeperError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeeperError::Sealed)?;
        let mut secret = rest.to_vec();
        let aad = Aad::from(cert_id.into_bytes());
        let opened = self.key.open_in_place(nonce, aad, &mut secret).map_err(|_| KeeperError::Sealed)?;
        Ok(opened.to_vec())
    }
}

/// Writes a new key beside the path and links it there: of instances that start together one wins, and none reads half.
fn make(path: &Path) -> Result<(), KeeperError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut key = [0; KEY_BYTES];
    SystemRandom::new().fill(&mut key).map_err(|_| KeeperError::Length)?;
    let draft = path.with_extension(Uuid::now_v7().simple().to_string());
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_only_for_its_certificate_and_under_its_seal_key() {
        let folder = std::env::temp_dir().join(Uuid::now_v7().to_string());
        let path = folder.join("seal-key");
        let (keeper, again) = (Keeper::from_file(&path).unwrap(), Keeper::from_file(&path).unwrap());
        let stranger = Keeper::from_file(&folder.join("other")).unwrap();
        let cert_id = Uuid::now_v7();
        let sealed = keeper.seal(cert_id, b"secret").unwrap();
        assert_eq!(again.open(cert_id, &sealed).unwrap(), b"secret");
        assert!(stranger.open(cert_id, &sealed).is_err());
        assert!(keeper.open(Uuid::now_v7(), &sealed).is_err());
        assert!(keeper.open(cert_id, &sealed[..5]).is_err());
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }
}
