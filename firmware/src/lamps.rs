//! The three lamps over the glass: white, infrared (870 to 940 nm), ultraviolet (365 nm).
//!
//! The ultraviolet lamp is lit for a picture and no longer: skin and eyes come near the glass. The limit
//! kept here needs a living program that calls [`Lamps::tick`]; a lamp's driver board should have its own
//! timer for the day when there is none.

use crate::{Fault, Part};
use core::time::Duration;
use embedded_hal::pwm::SetDutyCycle;

/// One lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lamp {
    /// White light.
    White,
    /// 870 to 940 nm, in which the zone's ink is black (Doc 9303-3 section 4.4).
    Infrared,
    /// 365 nm, in which fibres and inks glow.
    Ultraviolet,
}

impl Lamp {
    /// Every lamp.
    pub const ALL: [Self; 3] = [Self::White, Self::Infrared, Self::Ultraviolet];

    /// The part that faults name.
    #[must_use]
    pub fn part(self) -> Part {
        match self {
            Self::White => Part::White,
            Self::Infrared => Part::Infrared,
            Self::Ultraviolet => Part::Ultraviolet,
        }
    }
}

/// How bright a lamp is, in per cent of what it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Brightness(u8);

impl Brightness {
    /// Off.
    pub const DARK: Self = Self(0);
    /// As bright as it goes.
    pub const FULL: Self = Self(100);

    /// So many per cent; `None` above 100.
    #[must_use]
    pub fn percent(percent: u8) -> Option<Self> {
        (percent <= 100).then_some(Self(percent))
    }

    /// The per cent.
    #[must_use]
    pub fn as_percent(self) -> u8 {
        self.0
    }
}

/// How long the ultraviolet lamp may be lit, and how long it must then be dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposureLimit {
    /// All the time lit without a rest between, whatever the brightness.
    pub longest: Duration,
    /// The unbroken darkness after which the time lit counts from nought again.
    pub rest: Duration,
}

impl Default for ExposureLimit {
    /// Three seconds lit, then six dark: several pictures, and at most a third of any working day.
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(3),
            rest: Duration::from_secs(6),
        }
    }
}

/// The ultraviolet lamp's account.
#[derive(Debug, Clone, Copy)]
enum Exposure {
    /// Dark since then, with so much lit since the last rest; never lit where there is no moment.
    Dark {
        since: Option<Duration>,
        spent: Duration,
    },
    /// Lit since then, after so much lit since the last rest. A lamp that may be lit counts as lit.
    Lit { since: Duration, spent: Duration },
}

/// The lamps on three PWM channels.
#[derive(Debug)]
pub struct Lamps<W, I, U> {
    white: W,
    infrared: I,
    ultraviolet: U,
    limit: ExposureLimit,
    exposure: Exposure,
}

impl<W: SetDutyCycle, I: SetDutyCycle, U: SetDutyCycle> Lamps<W, I, U> {
    /// The lamps, all put out.
    ///
    /// # Errors
    /// [`Fault::Brightness`] where one cannot be put out.
    pub fn new(white: W, infrared: I, ultraviolet: U, limit: ExposureLimit) -> Result<Self, Fault> {
        let (lamps, said) = Self::started(white, infrared, ultraviolet, limit);
        said.into_iter().collect::<Result<(), Fault>>()?;
        Ok(lamps)
    }

    /// The same where one lamp's fault must not end the others: what each (white, infrared, ultraviolet) said when it
    /// was put out stands beside them. An ultraviolet lamp that was not counts as having burnt its time: every tick
    /// tries to put it out.
    pub fn started(
        white: W,
        infrared: I,
        ultraviolet: U,
        limit: ExposureLimit,
    ) -> (Self, [Result<(), Fault>; 3]) {
        let mut lamps = Self {
            white,
            infrared,
            ultraviolet,
            limit,
            exposure: Exposure::Dark {
                since: None,
                spent: Duration::ZERO,
            },
        };
        let said = Lamp::ALL.map(|lamp| lamps.set(lamp, Brightness::DARK));
        if let [_, _, Err(_)] = said {
            lamps.exposure = Exposure::Lit {
                since: Duration::ZERO,
                spent: limit.longest,
            };
        }
        (lamps, said)
    }

    /// Lights a lamp, dims it or puts it out. Others stay as they are.
    ///
    /// # Errors
    /// [`Fault::Brightness`] where the channel does not answer; an ultraviolet lamp in doubt counts as lit.
    /// [`Fault::UltravioletResting`] where the limit asks for darkness.
    pub fn light(
        &mut self,
        lamp: Lamp,
        brightness: Brightness,
        now: Duration,
    ) -> Result<(), Fault> {
        match (lamp, brightness) {
            (Lamp::Ultraviolet, Brightness::DARK) => self.put_out_ultraviolet(now),
            (Lamp::Ultraviolet, _) => {
                self.tick(now)?;
                self.exposure = self.may_light_ultraviolet(now)?;
                self.set(lamp, brightness)
            }
            _ => self.set(lamp, brightness),
        }
    }

    /// Puts the ultraviolet lamp out when its time is up.
    ///
    /// # Errors
    /// [`Fault::Brightness`]; the next tick tries again.
    pub fn tick(&mut self, now: Duration) -> Result<(), Fault> {
        match self.exposure {
            Exposure::Lit { since, spent }
                if spent.saturating_add(now.saturating_sub(since)) >= self.limit.longest =>
            {
                self.put_out_ultraviolet(now)
            }
            _ => Ok(()),
        }
    }

    /// Puts every lamp out, going on past one that faults.
    ///
    /// # Errors
    /// The first [`Fault::Brightness`] met.
    pub fn dark(&mut self, now: Duration) -> Result<(), Fault> {
        let done = Lamp::ALL.map(|lamp| self.light(lamp, Brightness::DARK, now));
        done.into_iter().collect()
    }

    /// The account of an ultraviolet lamp lit now, where it may be.
    fn may_light_ultraviolet(&self, now: Duration) -> Result<Exposure, Fault> {
        match self.exposure {
            lit @ Exposure::Lit { .. } => Ok(lit),
            Exposure::Dark { since, spent } => {
                let rested = since.map_or(self.limit.rest, |since| now.saturating_sub(since));
                let wait = self.limit.rest.saturating_sub(rested);
                let spent = if wait.is_zero() {
                    Duration::ZERO
                } else {
                    spent
                };
                if spent >= self.limit.longest {
                    return Err(Fault::UltravioletResting { wait });
                }
                Ok(Exposure::Lit { since: now, spent })
            }
        }
    }

    fn put_out_ultraviolet(&mut self, now: Duration) -> Result<(), Fault> {
        self.set(Lamp::Ultraviolet, Brightness::DARK)?;
        if let Exposure::Lit { since, spent } = self.exposure {
            self.exposure = Exposure::Dark {
                since: Some(now),
                spent: spent.saturating_add(now.saturating_sub(since)),
            };
        }
        Ok(())
    }

    fn set(&mut self, lamp: Lamp, brightness: Brightness) -> Result<(), Fault> {
        fn duty<C: SetDutyCycle>(channel: &mut C, brightness: Brightness) -> Result<(), C::Error> {
            match brightness {
                Brightness::DARK => channel.set_duty_cycle_fully_off(),
                Brightness(percent) => channel.set_duty_cycle_percent(percent),
            }
        }
        let part = lamp.part();
        match lamp {
            Lamp::White => duty(&mut self.white, brightness).map_err(Fault::brightness(part)),
            Lamp::Infrared => duty(&mut self.infrared, brightness).map_err(Fault::brightness(part)),
            Lamp::Ultraviolet => {
                duty(&mut self.ultraviolet, brightness).map_err(Fault::brightness(part))
            }
        }
    }
}
