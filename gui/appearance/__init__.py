"""Theme, text sizes, style sheet, typesetting, icons, numbers to colours."""
