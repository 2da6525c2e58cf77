"""Payment providers: the port (`base`), Stripe and its sandbox (`stripe`), and one in memory (`memory`).

They know references, amounts and provider words; they own no table and never decide what an order owes.
"""

from .base import (
    BadSignature,
    PaymentProvider,
    ProviderCharge,
    ProviderError,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnknown,
    SessionOpened,
    WebhookEvent,
)
from .memory import MemoryProvider
from .stripe import StripeProvider

__all__ = [
    "BadSignature",
    "MemoryProvider",
    "PaymentProvider",
    "ProviderCharge",
    "ProviderError",
    "ProviderPayment",
    "ProviderRefund",
    "ProviderRefused",
    "ProviderUnavailable",
    "ProviderUnknown",
    "SessionOpened",
    "StripeProvider",
    "WebhookEvent",
]
