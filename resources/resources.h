#pragma once

// Makes the fonts and icons under ":/thaw" known; a static library does not do so by itself.
void initThawResources();
