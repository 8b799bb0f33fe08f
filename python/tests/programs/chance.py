# random, seeded.
import random

random.seed(42)
print(random.random(), random.randint(1, 6), random.randrange(0, 100, 5))
print(random.choice(["red", "green", "blue"]), random.sample(range(50), 6))
cards = list(range(10))
random.shuffle(cards)
print(cards, random.uniform(1, 10), random.choices("ab", weights=[1, 3], k=8))
random.seed("text")
print(random.getrandbits(70), [random.randint(0, 10**20) for _ in range(3)])
print(random.choice([]))
