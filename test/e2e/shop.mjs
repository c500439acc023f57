/** A shop whose coroutine asks for prices over two functions of another file: for pictures, and for views that lead through. */
export const orders = `import asyncio

from prices import price_of


async def place_order(item: str, quantity: int) -> float:
    total = price_of(item) * quantity
    await asyncio.sleep(0.1)
    return total


async def place_orders(basket: dict[str, int]) -> list[float]:
    return await asyncio.gather(
        *(place_order(item, quantity) for item, quantity in basket.items())
    )
`;

export const prices = `import requests

SERVICE = "https://prices.example.com"


def price_of(item: str) -> float:
    return float(ask(f"{SERVICE}/items/{item}")["price"])


def ask(url: str) -> dict:
    return requests.get(url, timeout=10).json()
`;
