//! The command line as users meet it: what it prints, and what it leaves behind.

mod readme;
