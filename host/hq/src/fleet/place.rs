//! Where boxes stand: names for people, regions and canaries for waves, coordinates for the map.

use crate::HqError;
use crate::office::Office;
use rules::PostId;
use rusqlite::params;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where one box stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Place {
    /// What people call the post; its id where absent. Renaming a post changes this alone: its id stands in
    /// parcels and ledgers for good.
    pub title: Option<String>,
    /// The region, for waves.
    pub region: Option<String>,
    /// Whether it takes editions first.
    pub canary: bool,
    /// Degrees north and east (WGS 84).
    pub at: Option<(f64, f64)>,
}

/// What to change of a place; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct PlaceOrder {
    /// A new title.
    pub title: Option<String>,
    /// Another region.
    pub region: Option<String>,
    /// Whether it is a canary.
    pub canary: Option<bool>,
    /// Where it stands now.
    pub at: Option<(f64, f64)>,
}

/// The most characters of a title or region.
const LONGEST_TITLE: usize = 80;

impl Office {
    /// Changes the place of a box.
    ///
    /// # Errors
    /// [`HqError::PlaceImpossible`] for coordinates or names that are none, [`HqError::Database`].
    pub fn set_place(&self, post: &PostId, order: &PlaceOrder) -> Result<Place, HqError> {
        for text in [&order.title, &order.region].into_iter().flatten() {
            if text.trim().is_empty()
                || text.chars().count() > LONGEST_TITLE
                || text.chars().any(char::is_control)
            {
                return Err(HqError::PlaceImpossible(
                    "a title or region has 1 to 80 printable characters",
                ));
            }
        }
        if let Some((north, east)) = order.at
            && !((-90.0..=90.0).contains(&north) && (-180.0..=180.0).contains(&east))
        {
            return Err(HqError::PlaceImpossible(
                "coordinates are degrees: north from -90 to 90, east from -180 to 180",
            ));
        }
        self.connection
            .execute(
                "INSERT INTO place VALUES (?1, ?2, ?3, coalesce(?4, 0), ?5, ?6)
                 ON CONFLICT (post) DO UPDATE SET
                     title = coalesce(?2, title), region = coalesce(?3, region), canary = coalesce(?4, canary),
                     latitude = coalesce(?5, latitude), longitude = coalesce(?6, longitude)",
                params![
                    post.as_str(),
                    order.title,
                    order.region,
                    order.canary,
                    order.at.map(|(north, _)| north),
                    order.at.map(|(_, east)| east),
                ],
            )
            .map_err(self.failed())?;
        Ok(self.places()?.remove(post).unwrap_or_default())
    }

    /// Every place that is known.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn places(&self) -> Result<BTreeMap<PostId, Place>, HqError> {
        self.connection
            .prepare_cached("SELECT post, title, region, canary, latitude, longitude FROM place")
            .and_then(|mut q| {
                q.query_map([], |row| {
                    let place = Place {
                        title: row.get(1)?,
                        region: row.get(2)?,
                        canary: row.get(3)?,
                        at: row
                            .get::<_, Option<f64>>(4)?
                            .zip(row.get::<_, Option<f64>>(5)?),
                    };
                    Ok((crate::register::parsed(row, 0)?, place))
                })?
                .collect()
            })
            .map_err(self.failed())
    }
}
