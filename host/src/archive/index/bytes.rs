//! Numbers as few bytes: seven bits in each, the lowest first.

use super::IndexError;

pub(super) const CUT: IndexError = IndexError("it is cut short");

pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Small for small distances in either direction.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put(out, text.len() as u64);
    out.extend_from_slice(text);
}

/// Takes numbers and texts from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> Result<u64, IndexError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                break;
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(IndexError("a number is too large"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, IndexError> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    pub(super) fn small(&mut self) -> Result<u32, IndexError> {
        u32::try_from(self.number()?).map_err(|_| IndexError("a number is too large"))
    }

    pub(super) fn text(&mut self) -> Result<&'a [u8], IndexError> {
        let length = self.small()? as usize;
        self.take(length)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], IndexError> {
        let (front, rest) = self.0.split_first_chunk().ok_or(CUT)?;
        self.0 = rest;
        Ok(*front)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], IndexError> {
        let (front, rest) = self.0.split_at_checked(count).ok_or(CUT)?;
        self.0 = rest;
        Ok(front)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let signed = [0, -1, 1, 63, -64, i64::MAX, i64::MIN];
        let mut out = Vec::new();
        numbers.iter().for_each(|n| put(&mut out, *n));
        signed.iter().for_each(|n| put_signed(&mut out, *n));
        let mut reader = Reader(&out);
        for number in numbers {
            assert_eq!(reader.number(), Ok(number));
        }
        for number in signed {
            assert_eq!(reader.signed(), Ok(number));
        }
        assert_eq!(reader.number(), Err(CUT));
        assert!(Reader(&[0xff; 10]).number().is_err());
    }
}
