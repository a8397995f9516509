"""Where the core meets Qt: item models, signals, tasks, errors."""
