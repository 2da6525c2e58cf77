"""The chart of accounts, as far as these flows need it. Debits are positive, credits negative."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the chart. `normal` is the side on which its balance usually stands: D or C."""

    code: str
    name: str
    normal: str


BANK = "1000"
RECEIVABLE = "1100"
CLEARING = "1200"
INVENTORY = "1300"
SALES_TAX = "2100"
RECEIVED_NOT_INVOICED = "2050"
DEPOSITS = "2300"
REFUNDS_PAYABLE = "2400"
PAYABLES = "2000"
SALES = "4000"
RETURNS = "4010"
SHIPPING_INCOME = "4100"
DISCOUNTS = "4200"
COST_OF_GOODS = "5000"
INVENTORY_ADJUSTMENTS = "5100"
PURCHASE_VARIANCE = "5110"
CARRIER_COST = "5200"
PROVIDER_FEES = "6000"

CHART = (
    Account(BANK, "Bank", "D"),
    Account(RECEIVABLE, "Customer receivable", "D"),
    Account(CLEARING, "Provider clearing", "D"),
    Account(INVENTORY, "Inventory asset", "D"),
    Account(PAYABLES, "Payables", "C"),
    Account(RECEIVED_NOT_INVOICED, "Goods received, not invoiced", "C"),
    Account(SALES_TAX, "Sales tax", "C"),
    Account(DEPOSITS, "Customer deposits", "C"),
    Account(REFUNDS_PAYABLE, "Refunds payable", "C"),
    Account(SALES, "Sales at list price", "C"),
    Account(RETURNS, "Returns and allowances", "D"),
    Account(SHIPPING_INCOME, "Shipping income", "C"),
    Account(DISCOUNTS, "Discounts given", "D"),
    Account(COST_OF_GOODS, "Cost of goods sold", "D"),
    Account(INVENTORY_ADJUSTMENTS, "Inventory adjustments", "D"),
    Account(PURCHASE_VARIANCE, "Purchase price variance", "D"),
    Account(CARRIER_COST, "Carrier cost", "D"),
    Account(PROVIDER_FEES, "Provider fees", "D"),
)

NAMES = {account.code: account.name for account in CHART}
NORMAL = {account.code: account.normal for account in CHART}
