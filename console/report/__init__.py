"""The go-live report and the day protocol: one model, written as HTML, PDF or JSON."""
