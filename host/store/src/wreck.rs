//! A damaged database, read as far as it goes: each table by its key, from both sides of the damage.

use crate::StoreError;
use crate::database::{connect, is_gone};
use rules::PostId;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, Row};
use seal::storekey::StoreKey;
use std::path::{Path, PathBuf};

/// A damaged database. What cannot be read leaves the cipher in disorder, so that it is opened anew after each.
pub(crate) struct Wreck<'a> {
    path: PathBuf,
    key: &'a StoreKey,
    connection: Option<Connection>,
}

/// What a look from a key on found.
enum Look {
    /// A row that reads.
    Row,
    /// No row from there on.
    Nothing,
    /// It cannot be read.
    Broken,
}

/// The widest stretch of keys that is looked over for rows behind damage.
const WIDEST: i64 = 1 << 32;

impl<'a> Wreck<'a> {
    /// The database of this file.
    pub(crate) fn of(path: PathBuf, key: &'a StoreKey) -> Self {
        Self {
            path,
            key,
            connection: None,
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The same, for a walk that borrows the rest of the salvage.
    pub(crate) fn again(&mut self) -> Wreck<'a> {
        Wreck {
            path: self.path.clone(),
            key: self.key,
            connection: self.connection.take(),
        }
    }

    fn open(&mut self) -> Option<&Connection> {
        if self.connection.is_none() && !is_gone(&self.path).unwrap_or(true) {
            self.connection = connect(&self.path, self.key).ok().filter(|connection| {
                // The old store stays as it was found, its log too.
                connection
                    .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
                    .is_ok()
            });
        }
        self.connection.as_ref()
    }

    /// Whether the layout has what this asks for.
    pub(crate) fn knows(&mut self, sql: &str) -> bool {
        self.open()
            .is_some_and(|connection| connection.prepare(sql).is_ok())
    }

    /// One row, where it can be read.
    pub(crate) fn one<T>(
        &mut self,
        sql: &str,
        post: &PostId,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        let found = self
            .open()?
            .query_row(sql, [post.as_str()], read)
            .optional();
        if found.is_err() {
            self.connection = None;
        }
        found.ok().flatten()
    }

    /// Gives every row that can be read to `take`, in order of the key, which is the first column.
    pub(crate) fn each<T>(
        &mut self,
        sql: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        take: &mut dyn FnMut(i64, T) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut from = Some(0);
        while let Some(key) = from {
            from = match self.stretch(sql, key, &read, take)? {
                None => None,
                Some(broken) => self.beyond(sql, broken, &read),
            };
        }
        Ok(())
    }

    /// Reads on from a key; where it breaks off.
    fn stretch<T>(
        &mut self,
        sql: &str,
        from: i64,
        read: &impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        take: &mut dyn FnMut(i64, T) -> Result<(), StoreError>,
    ) -> Result<Option<i64>, StoreError> {
        let mut next = from;
        let mut walk = || -> rusqlite::Result<Result<(), StoreError>> {
            let Some(connection) = self.open() else {
                return Ok(Ok(()));
            };
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([from])?;
            while let Some(row) = rows.next()? {
                let key: i64 = row.get(0)?;
                let value = read(row)?;
                next = key.saturating_add(1);
                if let Err(e) = take(key, value) {
                    return Ok(Err(e));
                }
            }
            Ok(Ok(()))
        };
        match walk() {
            Ok(taken) => taken.map(|()| None),
            Err(_) => {
                self.connection = None;
                Ok(Some(next))
            }
        }
    }

    /// The first key behind damage from which on a row can be read again.
    fn beyond<T>(
        &mut self,
        sql: &str,
        from: i64,
        read: &impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Option<i64> {
        let one = format!("{sql} LIMIT 1");
        let mut bad = from;
        let mut step = 1;
        let mut good = loop {
            let key = from.checked_add(step)?;
            match self.look(&one, key, read) {
                Look::Broken if step > WIDEST => return None,
                Look::Broken => bad = key,
                Look::Row | Look::Nothing => break key,
            }
            step *= 2;
        };
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2;
            match self.look(&one, middle, read) {
                Look::Broken => bad = middle,
                Look::Row | Look::Nothing => good = middle,
            }
        }
        matches!(self.look(&one, good, read), Look::Row).then_some(good)
    }

    fn look<T>(
        &mut self,
        sql: &str,
        from: i64,
        read: &impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Look {
        let Some(connection) = self.open() else {
            return Look::Broken;
        };
        let found = connection
            .query_row(sql, [from], |row| {
                row.get::<_, i64>(0)?;
                read(row).map(drop)
            })
            .optional();
        match found {
            Ok(Some(())) => Look::Row,
            Ok(None) => Look::Nothing,
            Err(_) => {
                self.connection = None;
                Look::Broken
            }
        }
    }
}
