#include "resources/resources.h"

#include <QtGlobal>
#include <qresource.h>

void initThawResources() { Q_INIT_RESOURCE(thaw); }
