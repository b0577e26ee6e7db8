"""Facts in, Plotly figure or pyvis page out."""
