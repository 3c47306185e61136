//! Signatures and fingerprints. The algorithms are those of well-kept libraries; nothing here is home-made.

use aws_lc_rs::{
    rand::{SecureRandom as _, SystemRandom},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use budget_execution_contract::SignAlgorithm;
use sm2::dsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer as _, Verifier as _},
};
use sm3::{Digest as _, Sm3};

/// The identity of a signer when none was agreed (GM/T 0009).
const DISTINGUISHING_ID: &str = "1234567812345678";
const SECRET_BYTES: usize = 32;
/// A random string is no scalar of the curve once in 2³²; twice in a row does not happen.
const MOST_TRIES: usize = 4;

/// Why a key could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    #[error("no key could be made")]
    Generate,
    #[error("the private key is not one of its algorithm")]
    Key,
    #[error("nothing could be signed")]
    Sign,
}

/// A key pair as bytes.
pub struct KeyPair {
    pub public_key: Vec<u8>,
    pub secret: Vec<u8>,
}

/// Makes a new key pair.
pub fn generate(algorithm: SignAlgorithm) -> Result<KeyPair, CryptoError> {
    for _ in 0..MOST_TRIES {
        let mut secret = vec![0; SECRET_BYTES];
        SystemRandom::new().fill(&mut secret).map_err(|_| CryptoError::Generate)?;
        if let Ok(public_key) = public_key(algorithm, &secret) {
            return Ok(KeyPair { public_key, secret });
        }
    }
    Err(CryptoError::Generate)
}

fn public_key(algorithm: SignAlgorithm, secret: &[u8]) -> Result<Vec<u8>, CryptoError> {
    match algorithm {
        SignAlgorithm::Sm2 => {
            let key = SigningKey::from_slice(DISTINGUISHING_ID, secret).map_err(|_| CryptoError::Key)?;
            Ok(key.verifying_key().to_sec1_bytes().into_vec())
        }
        SignAlgorithm::Ed25519 => {
            let key = Ed25519KeyPair::from_seed_unchecked(secret).map_err(|_| CryptoError::Key)?;
            Ok(key.public_key().as_ref().to_vec())
        }
    }
}

/// Signs a message.
pub fn sign(algorithm: SignAlgorithm, secret: &[u8], message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    match algorithm {
        SignAlgorithm::Sm2 => {
            let key = SigningKey::from_slice(DISTINGUISHING_ID, secret).map_err(|_| CryptoError::Key)?;
            let signature: Signature = key.try_sign(message).map_err(|_| CryptoError::Sign)?;
            Ok(signature.to_bytes().to_vec())
        }
        SignAlgorithm::Ed25519 => {
            let key = Ed25519KeyPair::from_seed_unchecked(secret).map_err(|_| CryptoError::Key)?;
            Ok(key.sign(message).as_ref().to_vec())
        }
    }
}

/// Whether the holder of the public key signed this message.
pub fn verifies(algorithm: SignAlgorithm, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match algorithm {
        SignAlgorithm::Sm2 => VerifyingKey::from_sec1_bytes(DISTINGUISHING_ID, public_key)
            .and_then(|key| key.verify(message, &Signature::from_slice(signature)?))
            .is_ok(),
        SignAlgorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, public_key).verify(message, signature).is_ok(),
    }
}

/// Whether these bytes are a public key of the algorithm.
pub fn is_public_key(algorithm: SignAlgorithm, public_key: &[u8]) -> bool {
    match algorithm {
        SignAlgorithm::Sm2 => VerifyingKey::from_sec1_bytes(DISTINGUISHING_ID, public_key).is_ok(),
        SignAlgorithm::Ed25519 => public_key.len() == SECRET_BYTES,
    }
}

/// SM3 in hexadecimal digits, over parts in their order.
pub fn sm3_hex<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sm3::new();
    for part in parts {
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes as they stand in a column and on the wire.
pub fn text_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of such a text; none when it is not one.
pub fn bytes_of(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn sm3_gives_the_digest_of_the_standard() {
        let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(sm3_hex(["abc"]), expected);
        assert_eq!(sm3_hex(["a", "bc"]), expected);
    }

    #[test]
    fn what_one_key_signed_no_other_key_content_or_signature_verifies() {
        for algorithm in [SignAlgorithm::Sm2, SignAlgorithm::Ed25519] {
            let (own, other) = (generate(algorithm).unwrap(), generate(algorithm).unwrap());
            let signature = sign(algorithm, &own.secret, b"voucher").unwrap();
            assert!(verifies(algorithm, &own.public_key, b"voucher", &signature));
            assert!(!verifies(algorithm, &own.public_key, b"Voucher", &signature));
            assert!(!verifies(algorithm, &other.public_key, b"voucher", &signature));
            let mut changed = signature.clone();
            changed[5] ^= 1;
            assert!(!verifies(algorithm, &own.public_key, b"voucher", &changed));
            assert!(!verifies(algorithm, &own.public_key, b"voucher", &[]));
            assert!(is_public_key(algorithm, &own.public_key) && !is_public_key(algorithm, b"x"));
        }
    }
}
