//! Repeats a request after a temporary error of the server: a status of 408, 429, 500, 502, 503 or 504.
//!
//! The configuration may set:
//!
//! - `tries`: the maximum number of tries, including the first one. The default is 3.
//! - `delay-ms`: the delay after the first try. The default is 500. Each further delay is twice as long.
//! - `max-delay-ms`: the maximum delay. The default is 30000.
//! - `all-methods = true`: also repeats `POST`, `PATCH` and other methods. By default, the plugin repeats only
//!   idempotent methods, which are safe to repeat whatever the server did in the first try (RFC 9110, 9.2.2).
//!
//! If the server sends `Retry-After`, the plugin does not repeat the request earlier. If that is longer than the
//! maximum delay, it gives up.
//!
//! The plugin waits with the client's timer, so no thread waits with it, and other requests go on.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use plugbox::{Context, Error};
use rest_api::{Console, Next, Plugin, Request, Response, Settings, Timer};

const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];
const TRANSIENT: [u16; 6] = [408, 429, 500, 502, 503, 504];

struct Retry {
    tries: u32,
    delay: Duration,
    max_delay: Duration,
    all_methods: bool,
    timer: Arc<dyn Timer>,
}

impl Retry {
    fn new(context: Context<'_>) -> Result<Self, Error> {
        let known = ["tries", "delay-ms", "max-delay-ms", "all-methods"];
        let settings = Settings::parse(context.config(), &known)?;
        let delay = |name| settings.value(name, "a number of milliseconds").map(|ms| ms.map(Duration::from_millis));
        Ok(Self {
            tries: settings.value("tries", "a number")?.unwrap_or(3),
            delay: delay("delay-ms")?.unwrap_or(Duration::from_millis(500)),
            max_delay: delay("max-delay-ms")?.unwrap_or(Duration::from_secs(30)),
            all_methods: settings.value("all-methods", "true or false")?.unwrap_or(false),
            timer: context.service::<dyn Timer>().ok_or_else(|| Error::new("the client has no timer"))?,
        })
    }

    /// The delay after a try, which doubles with each try.
    fn backoff(&self, attempt: u32) -> Duration {
        let factor = 1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.delay.saturating_mul(factor).min(self.max_delay)
    }

    fn applies(&self, request: &Request, response: &Response) -> bool {
        TRANSIENT.contains(&response.status) && (self.all_methods || IDEMPOTENT.contains(&&*request.method))
    }
}

/// The delay that the server asks for, as seconds or as a date.
fn retry_after(response: &Response, now: SystemTime) -> Option<Duration> {
    let value = response.headers.get("Retry-After")?.trim();
    let seconds = value.parse().ok().map(Duration::from_secs);
    let date = || httpdate::parse_http_date(value).ok().map(|date| date.duration_since(now).unwrap_or_default());
    seconds.or_else(date)
}

#[plugbox::async_impl]
impl Plugin for Retry {
    async fn post_receive(
        &self,
        request: &Request,
        response: &mut Response,
        console: &mut dyn Console,
    ) -> Result<Next, Error> {
        let applies = self.applies(request, response);
        tracing::debug!(attempt = request.attempt, status = response.status, applies, "asked");
        if !applies {
            return Ok(Next::Finish);
        }
        let asked = retry_after(response, SystemTime::now()).unwrap_or_default();
        if request.attempt >= self.tries {
            if self.tries > 1 {
                console.say(&format!("status {} after {} tries: giving up", response.status, request.attempt));
            }
            return Ok(Next::Finish);
        }
        if asked > self.max_delay {
            let (asked, most) = (asked.as_secs_f64(), self.max_delay.as_secs_f64());
            console.say(&format!(
                "the server asks for a delay of {asked:.1} s, which is more than {most:.1} s: giving up"
            ));
            return Ok(Next::Finish);
        }
        let after = self.backoff(request.attempt).max(asked);
        console.say(&format!("status {}: next try in {} ms", response.status, after.as_millis()));
        self.timer.sleep(after).await;
        Ok(Next::TryAgain)
    }
}

plugbox::export!(Retry::new as dyn Plugin);

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;
    use plugbox::TestContext;
    use rest_api::Header;

    use super::*;

    /// The delay before the next try, if there is one.
    fn ask(config: &str, method: &str, attempt: u32, status: u16, retry_after: Option<&str>) -> Option<Duration> {
        let request = Request { attempt, ..Request::new(method, "http://localhost/") };
        let mut response = Response::new(status, "http://localhost/");
        response.headers.0.extend(retry_after.map(|value| Header::new("Retry-After", value)));
        let slept = Arc::new(Mutex::new(Vec::new()));
        let host = TestContext::new().config(config).service::<dyn Timer>(slept.clone());
        let retry = Retry::new(host.context()).unwrap();
        let next = block_on(retry.post_receive(&request, &mut response, &mut Vec::new())).unwrap();
        let slept = slept.lock().unwrap();
        assert_eq!(slept.len(), usize::from(next == Next::TryAgain));
        slept.first().copied()
    }

    fn again(milliseconds: u64) -> Option<Duration> {
        Some(Duration::from_millis(milliseconds))
    }

    #[test]
    fn each_wait_is_twice_as_long_up_to_the_longest() {
        let config = "tries = 100\ndelay-ms = 100\nmax-delay-ms = 500";
        let waits = [1, 2, 3, 4, 40, 99].map(|attempt| ask(config, "GET", attempt, 500, None));
        assert_eq!(waits, [100, 200, 400, 500, 500, 500].map(again));
        assert_eq!(ask(config, "GET", 100, 500, None), None);
    }

    #[test]
    fn what_may_have_been_done_is_not_done_twice() {
        assert_eq!(ask("", "POST", 1, 503, None), None);
        assert_eq!(ask("all-methods = true", "POST", 1, 503, None), again(500));
        assert_eq!([200, 404, 501].map(|status| ask("", "GET", 1, status, None)), [None; 3]);
    }

    #[test]
    fn the_server_is_not_asked_earlier_than_it_says() {
        assert_eq!(ask("", "GET", 1, 503, Some("2")), again(2000));
        assert_eq!(ask("", "GET", 1, 503, Some("0")), again(500));
        assert_eq!(ask("", "GET", 1, 503, Some("soon")), again(500));
        assert_eq!(ask("", "GET", 1, 503, Some("31")), None);
        assert_eq!(ask("", "GET", 1, 503, Some("Sun, 06 Nov 1994 08:49:37 GMT")), again(500));
    }

    #[test]
    fn a_date_is_as_far_away_as_it_is() {
        let mut response = Response::new(503, "http://localhost/");
        response.headers.set(Header::new("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"));
        let before = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:30 GMT").unwrap();
        assert_eq!(retry_after(&response, before), Some(Duration::from_secs(7)));
    }
}
