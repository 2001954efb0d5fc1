"""The style sheet of the frame: inputs, menus, headers, docks, scroll bars, tabs. Never a rule on `::item`.

Hot views paint themselves; a rule on `::item` would cost each of their cells.
"""

from __future__ import annotations

_TEMPLATE = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {hairline_strong}; padding: 2px 4px; }}
QLineEdit, QComboBox, QSpinBox {{ background: {canvas}; color: {text}; border: 1px solid {hairline_strong};
  border-radius: 0; padding: 0 6px; min-height: 20px; max-height: 22px; selection-background-color: {selected};
  selection-color: {text}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 2px solid {focus}; padding: 0 5px; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {label}; border: 1px dashed {hairline_strong}; }}
QComboBox::drop-down {{ border: 0; width: 16px; }}
QComboBox::down-arrow {{ image: none; width: 0; height: 0; }}
QComboBox QAbstractItemView {{ background: {raised}; color: {text}; border: 1px solid {hairline_strong};
  selection-background-color: {selected}; outline: 0; }}
QMenu {{ background: {raised}; color: {text}; border: 1px solid {hairline_strong}; padding: 4px 0; }}
QMenu::separator {{ height: 1px; background: {hairline}; margin: 4px 0; }}
QMenuBar {{ background: {chrome}; color: {text_2}; border-bottom: 1px solid {hairline}; }}
QMainWindow::separator {{ background: {hairline}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {hairline_strong}; }}
QSplitter::handle {{ background: {hairline}; }}
QDockWidget {{ color: {text}; titlebar-close-icon: none; titlebar-normal-icon: none; border: 0; }}
QDockWidget::title {{ background: {chrome}; border-bottom: 1px solid {hairline}; padding: 4px 8px; }}
QTabBar {{ background: {chrome}; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: {chrome}; color: {label}; border: 0; border-top: 2px solid {chrome}; padding: 3px 12px 4px;
  min-height: 14px; }}
QTabBar::tab:selected {{ background: {canvas}; color: {text}; border-top: 2px solid {text}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ border-top: 2px solid {focus}; }}
QTabWidget::pane {{ border: 0; }}
QHeaderView {{ background: {chrome}; border: 0; }}
QHeaderView::section {{ background: {chrome}; color: {label}; border: 0; border-bottom: 1px solid {hairline};
  padding: 0 8px; }}
QTableCornerButton::section {{ background: {chrome}; border: 0; border-bottom: 1px solid {hairline}; }}
QScrollBar:vertical {{ background: {canvas}; width: 8px; margin: 0; }}
QScrollBar:horizontal {{ background: {canvas}; height: 8px; margin: 0; }}
QScrollBar::handle {{ background: {hairline_strong}; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {label}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  width: 0; height: 0; background: none; border: 0; }}
QCheckBox::indicator {{ width: 12px; height: 12px; border: 1px solid {hairline_strong}; background: {canvas}; }}
QCheckBox::indicator:checked {{ background: {text}; }}
QCheckBox::indicator:focus {{ border: 2px solid {focus}; }}
QProgressBar {{ background: {hairline}; border: 0; max-height: 4px; }}
QProgressBar::chunk {{ background: {text_2}; }}
"""


def chrome_style_sheet(colors: dict[str, str]) -> str:
    """The sheet in the colours of one theme. Fonts come from the application font and from `setFont`."""
    return _TEMPLATE.format(**colors)
