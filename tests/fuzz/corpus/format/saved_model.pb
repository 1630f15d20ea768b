

metagg