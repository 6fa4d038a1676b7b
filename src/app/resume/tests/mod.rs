//! Runs that are gone on with, on simulated clusters in virtual time: wherever they are cut off, and whoever came between.

mod cuts;
mod life;
mod naps;
mod packs;
mod stories;
