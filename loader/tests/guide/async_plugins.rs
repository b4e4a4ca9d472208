//! `docs/async.md`.

#[plugbox::interface]
pub trait Shop: Send + Sync {
    /// The price of an article. It may take a while.
    async fn price(&self, article: &str) -> Result<u64, plugbox::Error>;

    async fn cheaper(&self, one: &str, other: &str) -> Result<bool, plugbox::Error> {
        Ok(self.price(one).await? < self.price(other).await?)
    }
}

mod with_the_attribute {
    use super::Shop;

    #[derive(Default)]
    struct Corner;

    #[plugbox::async_impl]
    impl Shop for Corner {
        async fn price(&self, article: &str) -> Result<u64, plugbox::Error> {
            Ok(look_up(article).await * 2)
        }
    }

    async fn look_up(article: &str) -> u64 {
        article.len() as u64
    }

    #[test]
    fn it_has_prices() {
        let shop: Box<dyn Shop> = Box::new(Corner);
        assert_eq!(futures::executor::block_on(shop.price("tea")).unwrap(), 6);
        assert!(futures::executor::block_on(shop.cheaper("tea", "milk")).unwrap());
    }
}

mod by_hand {
    use super::Shop;

    use std::pin::Pin;

    struct Corner;

    impl Shop for Corner {
        fn price<'me, 'article, 'future>(
            &'me self,
            article: &'article str,
        ) -> Pin<Box<dyn Future<Output = Result<u64, plugbox::Error>> + Send + 'future>>
        where
            'me: 'future,
            'article: 'future,
            Self: 'future,
        {
            let price = article.len() as u64;
            Box::pin(std::future::ready(Ok(price)))
        }
    }

    #[test]
    fn it_has_prices() {
        assert_eq!(futures::executor::block_on(Corner.price("tea")).unwrap(), 3);
    }
}

mod with_async_trait {
    use super::Shop;

    use async_trait::async_trait;

    struct Corner;

    #[async_trait]
    impl Shop for Corner {
        async fn price(&self, article: &str) -> Result<u64, plugbox::Error> {
            Ok(article.len() as u64)
        }
    }

    #[test]
    fn it_has_prices() {
        assert_eq!(futures::executor::block_on(Corner.price("tea")).unwrap(), 3);
    }
}

mod in_a_host {
    use super::Shop;

    use std::future::poll_fn;
    use std::task::Poll;

    use plugbox_loader::{CallError, Loaded};

    async fn price(shop: &Loaded<dyn Shop>, article: &str) -> Result<Result<u64, plugbox::Error>, CallError> {
        let mut price = Loaded::call(shop, |_| shop.price(article))?;
        poll_fn(|context| match Loaded::call(shop, |_| price.as_mut().poll(context)) {
            Ok(poll) => poll.map(Ok),
            Err(error) => Poll::Ready(Err(error)),
        })
        .await
    }

    struct Panics;

    #[async_trait::async_trait]
    impl Shop for Panics {
        async fn price(&self, article: &str) -> Result<u64, plugbox::Error> {
            panic!("no {article}");
        }
    }

    #[test]
    fn a_panic_is_an_error() {
        let shop = Loaded::<dyn Shop>::linked("shop", "1.0.0".parse().unwrap(), Box::new(Panics));
        let error = futures::executor::block_on(price(&shop, "tea")).unwrap_err();
        assert!(matches!(&error, CallError::Panicked(panic) if panic.plugin == "shop"), "{error}");
        let error = futures::executor::block_on(price(&shop, "tea")).unwrap_err();
        assert!(matches!(error, CallError::Poisoned(_)), "{error}");
    }
}
