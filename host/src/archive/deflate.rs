//! Deflate streams that can be put one behind the other inside one gzip member: each
//! ends on a byte boundary and leans on nothing before it.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io::{self, Write};

/// Fixed gzip header: deflate, no name, no time, no system, so that the same input
/// always gives the same bytes.
pub(super) const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The level every archive is written with: smaller than the fast levels by a quarter
/// on transcripts, and quick enough while one core does the work.
const LEVEL: u32 = 6;

/// A deflate stream being written, with the checksum of what went in.
pub(super) struct Deflater<W> {
    out: W,
    state: Compress,
    buffer: Vec<u8>,
    crc: Crc,
}

impl<W: Write> Deflater<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            state: Compress::new(Compression::new(LEVEL), false),
            buffer: vec![0; 64 << 10],
            crc: Crc::new(),
        }
    }

    fn run(&mut self, mut input: &[u8], flush: FlushCompress) -> io::Result<()> {
        loop {
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.compress(input, &mut self.buffer, flush)?;
            let taken = usize::try_from(self.state.total_in() - before_in).unwrap_or(input.len());
            let made = usize::try_from(self.state.total_out() - before_out).unwrap_or_default();
            input = &input[taken..];
            self.out.write_all(&self.buffer[..made])?;
            // A buffer that was not filled means that nothing is left to come out.
            let drained = made < self.buffer.len();
            if input.is_empty() && drained || status == Status::StreamEnd {
                return Ok(());
            }
        }
    }

    /// Ends the stream so that another can follow; gives back the output and checksum.
    pub(super) fn pause(mut self) -> io::Result<(W, Crc)> {
        self.run(&[], FlushCompress::Full)?;
        Ok((self.out, self.crc))
    }

    /// Ends the stream for good; gives back the output and checksum.
    pub(super) fn finish(mut self) -> io::Result<(W, Crc)> {
        self.run(&[], FlushCompress::Finish)?;
        Ok((self.out, self.crc))
    }
}

impl<W: Write> Write for Deflater<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.crc.update(data);
        self.run(data, FlushCompress::None)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The gzip trailer for the whole content.
pub(super) fn gzip_trailer(crc: &Crc, length: u64) -> [u8; 8] {
    let mut trailer = [0; 8];
    trailer[..4].copy_from_slice(&crc.sum().to_le_bytes());
    // The format keeps the length modulo 2^32.
    trailer[4..].copy_from_slice(&((length & 0xffff_ffff) as u32).to_le_bytes());
    trailer
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn paused_streams_join_into_one_member() {
        let parts: Vec<Vec<u8>> = vec![
            b"first ".repeat(10_000),
            Vec::new(),
            (0..200_000_u32)
                .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
                .collect(),
            b"last".to_vec(),
        ];
        let mut file = GZIP_HEADER.to_vec();
        let mut crc = Crc::new();
        let whole = parts.concat();
        for (index, part) in parts.iter().enumerate() {
            let mut deflater = Deflater::new(Vec::new());
            deflater.write_all(part).unwrap();
            let last = index + 1 == parts.len();
            let (bytes, part_crc) = if last {
                deflater.finish().unwrap()
            } else {
                deflater.pause().unwrap()
            };
            file.extend(bytes);
            crc.combine(&part_crc);
        }
        file.extend(gzip_trailer(&crc, whole.len() as u64));
        let mut decoder = flate2::bufread::GzDecoder::new(file.as_slice());
        let mut back = Vec::new();
        decoder.read_to_end(&mut back).unwrap();
        assert_eq!(back, whole);
        assert!(decoder.into_inner().is_empty());
    }
}
