"""The commands, one module each; ``console.cli`` imports a module when its command is called."""
